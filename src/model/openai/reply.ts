/**
 * A reply as it comes in: text is passed on at once, all else is kept until the reply is whole. Which call a fragment
 * belongs to, and that a call is complete, is certain only then.
 *
 * Only a reply that the model itself ended has an answer or calls. One that a limit or a filter broke off has
 * neither, and is no error: its text was passed on, and its end chunk says `length` or `content_filter`.
 */
import {
  type ChatChunk,
  type ChatRequest,
  type FinishReason,
  ModelError,
  type ToolCall,
  type Usage,
} from '../model.ts'
import type { AnswerFormat } from './answers.ts'
import type { CallFragment, CompletionChunk } from './chunk.ts'
import { quote } from './quote.ts'

type Failure = { readonly retryable?: boolean; readonly cause?: unknown }
type CallParts = { id: string; name: string; input: string }

export interface Reply {
  /** Adds what arrived, and says what of it is text. */
  take(chunk: CompletionChunk): string
  /** Whether the model has ended it; only the usage may be missing. */
  whole(): boolean
  /** What follows the text, the end chunk last. @throws ModelError: `refused`, `bad-call`, `bad-answer`, `cut` */
  close(): ChatChunk[]
}

export function createReply(request: ChatRequest, model: string, format: AnswerFormat): Reply {
  let text = ''
  let refusal = ''
  let finish: string | undefined
  let begun = false
  const calls = new Map<number, CallParts>()
  const end: { model: string; responseId?: string; usage?: Usage } = { model }

  function takeCall(fragment: CallFragment): void {
    const call = calls.get(fragment.index) ?? { id: '', name: '', input: '' }
    calls.set(fragment.index, call)
    call.id ||= fragment.id ?? ''
    call.name ||= fragment.function?.name ?? ''
    call.input += fragment.function?.arguments ?? ''
  }

  const fail = (code: string, message: string, { retryable = true, cause }: Failure = {}) =>
    new ModelError(code, message, { retryable, usage: end.usage, cause })

  function readCall(index: number, parts: CallParts): ToolCall {
    const offered = request.tools.map((tool) => tool.name)
    if (!offered.includes(parts.name)) {
      throw fail('bad-call', `there is no tool "${parts.name}" to call, only ${offered.join(', ') || 'none'}`)
    }
    // An endpoint that gives calls no ids would have the results of all of them mixed up.
    const id = parts.id || `${end.responseId ?? 'call'}-${index}`
    try {
      // A tool that takes nothing is called with nothing by some models.
      return { id, tool: parts.name, input: JSON.parse(parts.input || '{}') }
    } catch (cause) {
      const message = `the arguments of the call of "${parts.name}" are not JSON: ${quote(parts.input)}`
      throw fail('bad-call', message, { cause })
    }
  }

  const endChunk = (reason: FinishReason): ChatChunk => ({ kind: 'end', finish: reason, ...end })

  return {
    take(chunk) {
      begun = true
      if (chunk.id) end.responseId = chunk.id
      if (chunk.model) end.model = chunk.model
      if (chunk.usage) {
        end.usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens }
      }
      const choice = chunk.choices?.[0]
      finish = choice?.finish_reason ?? finish
      refusal += choice?.delta?.refusal ?? ''
      for (const fragment of choice?.delta?.tool_calls ?? []) takeCall(fragment)
      const added = choice?.delta?.content ?? ''
      text += added
      return added
    },

    whole: () => finish !== undefined,

    close() {
      if (!begun) throw fail('cut', 'the reply was empty: does OPENAI_BASE_URL serve chat completions?')
      if (finish === undefined) throw fail('cut', 'the endpoint stopped in the middle of its reply')
      if (refusal !== '') throw fail('refused', `the model refuses: ${quote(refusal)}`, { retryable: false })
      if (finish === 'length' || finish === 'content_filter') return [endChunk(finish)]
      // Some endpoints finish with `stop` after calls.
      if (calls.size > 0) {
        const ordered = [...calls].sort(([a], [b]) => a - b)
        const read = ordered.map(([index, parts]) => readCall(index, parts))
        return [...read.map((call) => ({ kind: 'call', call }) as const), endChunk('tool_calls')]
      }
      const answer = format.read(text)
      if ('problem' in answer) throw fail('bad-answer', answer.problem)
      return [{ kind: 'answer', ...answer }, endChunk('stop')]
    },
  }
}
