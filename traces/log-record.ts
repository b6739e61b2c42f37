/** A line of a process's log as plain data, on its way to a collector: with the span that it belongs to, where one is known. */
import type { AttributeValue, SpanContext } from './span.ts'

export type LogRecord = {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly severity: 'info' | 'warn' | 'error'
  readonly text: string
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly context?: SpanContext
}

/** Where log records go. Adapters batch; `emit` never waits and never throws. */
export interface LogSink {
  emit(record: LogRecord): void
}
