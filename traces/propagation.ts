/**
 * Trace context as text, W3C Trace Context: what a message carries in its `traceparent` and `tracestate` headers.
 * And ids that are derived instead of drawn: a turn that is repeated after a crash makes the spans it made before,
 * so they fall together instead of showing up twice.
 *
 * A header that does not parse is no error: the trace it came from is lost, and the message is not.
 */
import { createHash } from 'node:crypto'
import type { SpanContext } from './span.ts'

/** What a `traceparent` says: a parent span, and whether the head of the trace decided to record it. */
export type TraceParent = SpanContext & { readonly sampled: boolean }

/** Entries of a `tracestate`, most recently changed first. */
export type TraceState = readonly (readonly [key: string, value: string])[]

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const ALL_ZERO = /^0+$/
const SAMPLED = 0x01

/**
 * The `traceparent` of messages caused by this span.
 *
 * @example
 * traceparent({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }, true)
 * // '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
 */
export function traceparent(context: SpanContext, sampled: boolean): string {
  return `00-${context.traceId}-${context.spanId}-${sampled ? '01' : '00'}`
}

/** Reads a `traceparent`, of version 00 or of one to come; undefined where it is invalid. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const match = TRACEPARENT.exec(text)
  if (match === null) return undefined
  const [, version, traceId, spanId, flags, more] = match as unknown as string[]
  if (version === 'ff') return undefined
  // Later versions may append fields, version 00 has no more.
  if (version === '00' && more !== undefined) return undefined
  if (ALL_ZERO.test(traceId!) || ALL_ZERO.test(spanId!)) return undefined
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & SAMPLED) !== 0 }
}

const STATE_KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/
const MAX_STATE_ENTRIES = 32 // Trace Context, section 3.3.1.1

/** The `tracestate` of these entries; '' for none, when the header is better left out. */
export function formatTracestate(state: TraceState): string {
  return state.map(([key, value]) => `${key}=${value}`).join(',')
}

/** Reads a `tracestate`; undefined where any of it is invalid, since then all of it is to be dropped. */
export function parseTracestate(text: string): TraceState | undefined {
  const state = new Map<string, string>()
  for (const member of text.split(',')) {
    const entry = member.replace(/^[ \t]+|[ \t]+$/g, '')
    if (entry === '') continue
    const equals = entry.indexOf('=')
    const key = entry.slice(0, Math.max(0, equals))
    const value = entry.slice(equals + 1)
    if (!STATE_KEY.test(key) || !STATE_VALUE.test(value) || state.has(key)) return undefined
    state.set(key, value)
  }
  return state.size > MAX_STATE_ENTRIES ? undefined : [...state]
}

/** The trace id that belongs to a text: always the same one, and never the invalid one of all zeros. */
export const traceIdOf = (text: string): string => leadingDigits(text, 32)

/** The span id that belongs to a text, such as a conversation, a turn and a position in it. */
export const spanIdOf = (text: string): string => leadingDigits(text, 16)

function leadingDigits(text: string, digits: number): string {
  const id = createHash('sha256').update(text).digest('hex').slice(0, digits)
  return ALL_ZERO.test(id) ? id.replace(/0$/, '1') : id
}
