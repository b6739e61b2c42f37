/**
 * A finished span as plain data. Spans are made by whoever commits a turn and kept in its record, so that a process
 * that dies leaves no orphans; exporters and views read them from there.
 */

export type SpanKind = 'internal' | 'client' | 'server' | 'producer' | 'consumer'

export type AttributeValue = string | number | boolean | readonly string[]

export type SpanContext = {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
}

export type SpanLink = SpanContext & { readonly attributes?: Readonly<Record<string, AttributeValue>> }

export type Span = SpanContext & {
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: SpanKind
  /** Milliseconds since 1970, fractions allowed, by the clock of the host that made it. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly links?: readonly SpanLink[]
  /** Absent: unset. */
  readonly status?: { readonly code: 'ok' | 'error'; readonly message?: string }
  /** Who made it: resource attributes (`service.name`, `service.instance.id`, `host.id`, `process.pid`). */
  readonly resource: Readonly<Record<string, AttributeValue>>
}

/** Where finished spans go. Adapters batch; `emit` never waits and never throws. */
export interface SpanSink {
  emit(spans: readonly Span[]): void
  /** Hands over what waits, within half a second: for whoever must not die with it. Never rejects. */
  flush?(): Promise<void>
  /** Nobody hears of what is emitted: spans need not be gathered for it. */
  readonly isDeaf?: boolean
  /** Hands over what is left, within a second or so, and stops. Never rejects. */
  close(): Promise<void>
}
