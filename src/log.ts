/** Where a process says what it does: one structured line at a time. For people; nothing decides by it. */
import { type ConversationId, conversationIdSchema, runIdSchema, runOf } from '../protocols/ids.ts'
import { spanIdOf, traceIdOf } from '../traces/propagation.ts'
import type { SpanContext } from '../traces/span.ts'

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  info(text: string, fields?: Fields): void
  warn(text: string, fields?: Fields): void
  error(text: string, fields?: Fields): void
}

/** Says nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * The span that a line is about: that of the conversation it names, or the root of the run. Both are derived from the
 * ids, so a line has them before the span is made, and where the run is not sampled.
 */
export function spanOfLine(fields: Fields): SpanContext | undefined {
  const conversation = conversationOf(fields)
  if (conversation !== undefined)
    return { traceId: traceIdOf(runOf(conversation)), spanId: spanIdOf(conversation) }
  const run = runIdSchema.safeParse(fields.run).data
  return run && { traceId: traceIdOf(run), spanId: spanIdOf(run) }
}

/** The conversation that a line names. */
export const conversationOf = ({ conversation }: Fields): ConversationId | undefined =>
  conversationIdSchema.safeParse(conversation).data

/** Names as OpenTelemetry has them for logs that are not OTLP. */
function traceFields(fields: Fields): Fields {
  const span = spanOfLine(fields)
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
}

/** JSON lines: `{"at":"2026-…","level":"warn","text":"…",…}`, with `trace_id` and `span_id` where a line is about a run. */
export function jsonLog(write: (line: string) => void, now: () => number, bound: Fields = {}): Log {
  const line = (level: string) => (text: string, given: Fields) => {
    const fields = { ...bound, ...given }
    const at = new Date(now()).toISOString()
    write(`${JSON.stringify({ at, level, text, ...fields, ...traceFields(fields) })}\n`)
  }
  const info = line('info')
  const warn = line('warn')
  const error = line('error')
  return {
    info: (text, fields = {}) => info(text, fields),
    warn: (text, fields = {}) => warn(text, fields),
    error: (text, fields = {}) => error(text, fields),
  }
}
