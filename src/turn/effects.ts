/**
 * Effects: what a turn asks of the world. A handler does one kind of it (`chat`, `tool`, `person`); the host starts it
 * after the commit and turns what comes of it into the next input of the conversation.
 */
import type { BlobHash } from '../../protocols/ids.ts'
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
  readonly call?: EffectCall
}

/** What a call to a model was, also one that failed. */
export type EffectCall = {
  /** By this name it is priced. */
  readonly model: string
  /** Null where nobody knows: the endpoint told none, or the call broke off. */
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** UTF-8 bytes of what was sent, and those of them that other agents wrote. */
  readonly promptBytes: number
  readonly peerBytes: number
  /** Blob of what of the prompt is the same for all calls of the role: see `KeptPrompt`. */
  readonly prompt?: BlobHash
}

/** An error as a machine sees it. */
export type EffectError = {
  readonly code: string
  readonly message: string
  /** The same may work when it is tried again. */
  readonly retryable?: boolean
  /** Not sooner than after so many milliseconds, where somebody said so. */
  readonly retryAfterMs?: number
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
  /** Takes note of what a call to a model was, whatever comes of the effect. */
  readonly onCall?: (call: EffectCall) => void
  /** Takes more attributes of the effect's span, whatever comes of the effect. */
  readonly onAttributes?: (attributes: EffectSpan['attributes']) => void
}

export interface EffectHandler {
  /** Name, kind and attributes of the span, known before it runs. */
  describe(input: unknown): EffectSpan
  /** Whether it may be run again when a crash left open whether it was done. */
  repeatable(input: unknown): boolean
  /** Longest time it may take, in milliseconds. */
  timeoutMs(input: unknown): number
  /**
   * It only waits: it does no work of which a process could die, and whoever waits is not busy. It may wait for as
   * long as its conversation may take.
   */
  readonly waits?: boolean
  /**
   * It ends when its signal is aborted, once its books are in order, and is waited for until then. Any other is left
   * alone with its signal.
   */
  readonly endsItself?: boolean
  /** What it throws becomes the error of the outcome: `code` and `message`. */
  run(input: unknown, context: EffectContext): Promise<EffectOutcome>
}

export type EffectOutcome = {
  readonly output: unknown
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number }
}

/** By the name that a machine invokes, `chat` and `tool`, or that a gate puts before them, `person`. */
export type EffectHandlers = Readonly<Record<string, EffectHandler>>
