/**
 * Effects: what a turn asks of the world. A handler does one kind of it (`chat`, `tool`); the host starts it after the
 * commit and turns what comes of it into the next input of the conversation.
 */
import type { AttributeValue, Span, SpanKind } from '../../traces/span.ts'
import type { ConversationRecord } from './record.ts'

export type EffectResult = (
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: EffectError }
) & {
  /** The span of the effect; the record already has its id. */
  readonly span: EffectSpan &
    Pick<Span, 'resource'> & { readonly startedAt: number; readonly endedAt: number }
  /** Tokens, for a call to a model. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number }
}

/** An error as a machine sees it. */
export type EffectError = {
  readonly code: string
  readonly message: string
  /** The same may work when it is tried again. */
  readonly retryable?: boolean
}

export type EffectSpan = {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

export type EffectContext = {
  readonly record: ConversationRecord
  /** Unique within the conversation; the same for every attempt. */
  readonly name: string
  readonly attempt: number
  /** Aborted when the conversation no longer wants it, at its deadline, and when the peer stops. */
  readonly signal: AbortSignal
  /** W3C trace context of the effect's span. */
  readonly traceparent: string
}

export interface EffectHandler {
  /** Name, kind and attributes of the span, known before it runs. */
  describe(input: unknown): EffectSpan
  /** Whether it may be run again when a crash left open whether it was done. */
  repeatable(input: unknown): boolean
  /** Longest time it may take, in milliseconds. */
  timeoutMs(input: unknown): number
  /** What it throws becomes the error of the outcome: `code` and `message`. */
  run(input: unknown, context: EffectContext): Promise<EffectOutcome>
}

export type EffectOutcome = {
  readonly output: unknown
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number }
}

/** By the name that a machine invokes: `chat`, `tool`. */
export type EffectHandlers = Readonly<Record<string, EffectHandler>>
