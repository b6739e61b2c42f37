/**
 * The port to a language model: a typed transcript and schemas in; a stream of text, tool calls, an answer and the
 * usage out. An adapter renders the transcript as its endpoint wants it. Retrying within one call is the adapter's
 * business, what to do after a call failed is the machine's.
 */
import { SkeinError } from '../../protocols/errors.ts'

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Record<string, unknown>

export type ToolSchema = { readonly name: string; readonly description: string; readonly input: JsonSchema }

/** One message type the agent may answer with. */
export type AnswerSchema = { readonly type: string; readonly description: string; readonly body: JsonSchema }

export type ToolCall = { readonly id: string; readonly tool: string; readonly input: unknown }

/** What happened so far, oldest first. It is plain JSON, since it lives in a machine's context. */
export type TranscriptEntry =
  /** A message that arrived from a peer. */
  | { readonly kind: 'message'; readonly type: string; readonly from: string; readonly body: unknown }
  /** What the model said. */
  | {
      readonly kind: 'reply'
      readonly text: string
      readonly calls: readonly ToolCall[]
      /** What it ended with, in a conversation that went on afterwards. */
      readonly answer?: { readonly type: string; readonly body: unknown }
    }
  | { readonly kind: 'result'; readonly call: string; readonly tool: string; readonly output: unknown }
  | {
      readonly kind: 'error'
      readonly call: string
      readonly tool: string
      readonly code: string
      readonly message: string
    }
  /** What was wrong with the last reply, told to the model. */
  | { readonly kind: 'correction'; readonly text: string }

export type ChatRequest = {
  readonly role: string
  readonly instructions: string
  readonly transcript: readonly TranscriptEntry[]
  readonly tools: readonly ToolSchema[]
  /** The model must end with one of these. Their number is one or more. */
  readonly answers: readonly AnswerSchema[]
  /** Overrides the model that the adapter was made with. */
  readonly model?: string
  readonly temperature?: number
  readonly maxOutputTokens?: number
}

export type Usage = { readonly inputTokens: number; readonly outputTokens: number }

export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter'

export type ChatChunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  /** The answer, parsed as JSON and not yet checked against its schema. */
  | { readonly kind: 'answer'; readonly type: string; readonly body: unknown }
  /** Last, exactly once. `usage` is absent where the endpoint told none. */
  | {
      readonly kind: 'end'
      readonly finish: FinishReason
      readonly model: string
      readonly responseId?: string
      readonly usage?: Usage
    }

export interface Model {
  /** `openai`, `skein.offline`: `gen_ai.provider.name` of the spans. */
  readonly provider: string
  /** The model asked for unless a request overrides it: `gen_ai.request.model`. */
  readonly name: string
  /** @throws ModelError; an aborted signal ends the stream with the signal's reason. */
  stream(request: ChatRequest, options: StreamOptions): AsyncIterable<ChatChunk>
}

export type StreamOptions = {
  readonly signal: AbortSignal
  /** W3C trace context of the call's span, for an endpoint that is traced as well. */
  readonly traceparent?: string
}

/**
 * A model call failed. `retryable`: the same call may succeed later. Any adapter: `bad-answer` and `bad-call` (the
 * text says what was wrong with the reply, as a correction), `refused`, `cut`. One with an endpoint as well:
 * `unreachable`, `timeout`, `unavailable`, `rate-limited`, `malformed`, `unauthorized`, `not-found`, `bad-request`,
 * `bad-url`, `failed`.
 */
export class ModelError extends SkeinError {
  readonly retryable: boolean
  /** What the failed call cost all the same, where that is known. */
  readonly usage: Usage | undefined

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { readonly retryable: boolean; readonly usage?: Usage | undefined },
  ) {
    super(`model.${code}`, message, options)
    this.retryable = options.retryable
    this.usage = options.usage
  }
}

export type ChatReply = {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly answer?: { readonly type: string; readonly body: unknown }
  readonly finish: FinishReason
  readonly model: string
  readonly responseId?: string
  readonly usage?: Usage
}

/** Reads a stream to its end. @throws ModelError `model.cut` when it ends without its last chunk */
export async function collectReply(
  stream: AsyncIterable<ChatChunk>,
  onText: (text: string) => void = () => {},
): Promise<ChatReply> {
  let text = ''
  const calls: ToolCall[] = []
  let answer: ChatReply['answer']
  for await (const chunk of stream) {
    switch (chunk.kind) {
      case 'text':
        text += chunk.text
        onText(chunk.text)
        break
      case 'call':
        calls.push(chunk.call)
        break
      case 'answer':
        answer = { type: chunk.type, body: chunk.body }
        break
      case 'end': {
        const { kind: _, ...end } = chunk
        return { text, calls, ...(answer && { answer }), ...end }
      }
    }
  }
  throw new ModelError('cut', 'the model stopped in the middle of its reply', { retryable: true })
}
