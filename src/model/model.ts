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

/** What a role may set for its calls. What is left out is the endpoint's own business. */
export type ModelParameters = {
  readonly temperature?: number
  readonly topP?: number
  /** Asks for the same reply to the same request; few endpoints promise it. */
  readonly seed?: number
  /** Texts before which the model stops. */
  readonly stop?: readonly string[]
  /** How long a reasoning model thinks: `minimal`, `low`, `medium`, `high`, or another word that the endpoint knows. */
  readonly reasoningEffort?: 'minimal' | 'low' | 'medium' | 'high' | (string & {})
  /** False: one call a reply. */
  readonly parallelToolCalls?: boolean
  /** Tokens, those of its reasoning among them. */
  readonly maxOutputTokens?: number
}

export type ChatRequest = ModelParameters & {
  readonly role: string
  readonly instructions: string
  readonly transcript: readonly TranscriptEntry[]
  readonly tools: readonly ToolSchema[]
  /** The model must end with one of these. Their number is one or more. */
  readonly answers: readonly AnswerSchema[]
  /** Overrides the model that the adapter was made with. */
  readonly model?: string
}

export type Usage = {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Of the input, what the endpoint had in its cache; absent where it did not say. */
  readonly cachedTokens?: number
  /** Of the output, what the model thought and did not say; absent where the endpoint did not say. */
  readonly reasoningTokens?: number
}

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
  /** Takes what the endpoint says of its limits, where it says anything; before the first chunk. */
  readonly onRateTold?: (told: RateTold) => void
}

/** Limits as an endpoint tells them beside a reply. */
export type RateTold = { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number }

export type ModelErrorOptions = ErrorOptions & {
  readonly retryable: boolean
  readonly usage?: Usage | undefined
  readonly retryAfterMs?: number | undefined
  readonly contextTokens?: number | undefined
  readonly begun?: boolean
}

/**
 * A model call failed. `retryable`: the same call may succeed later. Any adapter: `bad-answer` and `bad-call` (the
 * text says what was wrong with the reply, as a correction), `refused`, `cut`. One with an endpoint as well:
 * `unreachable`, `timeout`, `unavailable`, `rate-limited`, `malformed`, `unauthorized`, `not-found`, `bad-request`,
 * `context-length`, `no-tools`, `bad-url`, `failed`.
 */
export class ModelError extends SkeinError {
  readonly retryable: boolean
  /** What the failed call cost all the same, where that is known. */
  readonly usage: Usage | undefined
  /** Milliseconds after which the endpoint asks to be called again, where it said so. */
  readonly retryAfterMs: number | undefined
  /** Of `model.context-length`: the tokens that prompt and reply may have together, where the endpoint said so. */
  readonly contextTokens: number | undefined
  /** Something of the reply had come, though perhaps no text: the call may be charged for. */
  readonly begun: boolean

  constructor(code: string, message: string, options: ModelErrorOptions) {
    super(`model.${code}`, message, options)
    this.retryable = options.retryable
    this.usage = options.usage
    this.retryAfterMs = options.retryAfterMs
    this.contextTokens = options.contextTokens
    this.begun = options.begun ?? false
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

/** The stream that a whole reply would be collected from. */
export function* chunksOf({ text, calls, answer, ...end }: ChatReply): Generator<ChatChunk> {
  if (text !== '') yield { kind: 'text', text }
  for (const call of calls) yield { kind: 'call', call }
  if (answer !== undefined) yield { kind: 'answer', ...answer }
  yield { kind: 'end', ...end }
}
