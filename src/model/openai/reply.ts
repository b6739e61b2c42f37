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
import { type CallParts, createCalls } from './calls.ts'
import type { CompletionChunk } from './chunk.ts'
import { quote } from './quote.ts'
import { afterThinking, createThinking } from './thinking.ts'

type Failure = { readonly retryable?: boolean; readonly cause?: unknown }

export interface Reply {
  /** Adds what arrived, and says what of it is text. */
  take(chunk: CompletionChunk): string
  /** Whether anything of it has come, be it a part of a call or of what the model thinks. */
  begun(): boolean
  /** Whether the model has ended it; only the usage may be missing. */
  whole(): boolean
  /** The endpoint says that there is no more, be it that it said nothing of the model's end. What of it is text. */
  end(): string
  /** What follows the text, the end chunk last. @throws ModelError: `refused`, `bad-call`, `bad-answer`, `cut`, `unavailable` */
  close(): ChatChunk[]
}

/** What a finish reason means. One that is not here counts as `stop`: what the model said decides. */
const FINISHES: ReadonlyMap<string, FinishReason | 'broken'> = new Map([
  ...(['length', 'max_tokens', 'model_length'] as const).map((word) => [word, 'length'] as const),
  ...(['content_filter', 'safety'] as const).map((word) => [word, 'content_filter'] as const),
  // vLLM, OpenRouter and DeepSeek, of a reply that the endpoint itself could not finish.
  ...(['abort', 'error', 'cancelled', 'insufficient_system_resource'] as const).map(
    (word) => [word, 'broken'] as const,
  ),
])

export function createReply(request: ChatRequest, model: string, format: AnswerFormat): Reply {
  let text = ''
  let refusal = ''
  let finish: string | undefined
  let begun = false
  const calls = createCalls()
  const thinking = createThinking()
  const end: { model: string; responseId?: string; usage?: Usage } = { model }

  const fail = (code: string, message: string, { retryable = true, cause }: Failure = {}) =>
    new ModelError(code, message, { retryable, usage: end.usage, cause, begun })

  function readCalls(parts: readonly CallParts[]): ToolCall[] {
    const taken = new Set<string>()
    return parts.map((part, index) => {
      // Results of calls without ids, or with the same one, would be mixed up.
      const own = `${part.id || (end.responseId ?? 'call')}-${index}`
      const id = part.id === '' || taken.has(part.id) ? own : part.id
      taken.add(id)
      return { id, tool: part.name, input: readInput(part) }
    })
  }

  function readInput({ name, input }: CallParts): unknown {
    const offered = request.tools.map((tool) => tool.name)
    if (!offered.includes(name)) {
      throw fail('bad-call', `there is no tool "${name}" to call, only ${offered.join(', ') || 'none'}`)
    }
    try {
      // A tool that takes nothing is called with nothing, or null, by some models; others put JSON into JSON.
      const read = JSON.parse(input.trim() || '{}') ?? {}
      return typeof read === 'string' ? JSON.parse(read) : read
    } catch (cause) {
      throw fail('bad-call', `the arguments of the call of "${name}" are not JSON: ${quote(input)}`, {
        cause,
      })
    }
  }

  function readAnswer() {
    const answer = format.read(text)
    const rest = 'problem' in answer ? afterThinking(text) : undefined
    return rest === undefined ? answer : format.read(rest)
  }

  const endChunk = (reason: FinishReason): ChatChunk => ({ kind: 'end', finish: reason, ...end })

  return {
    take(chunk) {
      begun = true
      if (chunk.id) end.responseId = chunk.id
      if (chunk.model) end.model = chunk.model
      // Some tell it with every chunk, as it grows.
      if (chunk.usage) end.usage = chunk.usage
      const choice = chunk.choices?.[0]
      const said = choice?.delta ?? choice?.message
      finish = choice?.finish_reason || finish
      refusal += said?.refusal ?? ''
      for (const fragment of said?.tool_calls ?? []) calls.take(fragment)
      if (said?.function_call) calls.take({ index: 0, function: said.function_call })
      let added = thinking.take(said?.content ?? '')
      if (choice?.finish_reason) added += thinking.rest()
      text += added
      return added
    },

    begun: () => begun,

    whole: () => finish !== undefined,

    end() {
      if (finish !== undefined) return ''
      finish = 'stop'
      const rest = thinking.rest()
      text += rest
      return rest
    },

    close() {
      if (!begun) throw fail('cut', 'the reply was empty: does OPENAI_BASE_URL serve chat completions?')
      if (finish === undefined) throw fail('cut', 'the endpoint stopped in the middle of its reply')
      if (refusal !== '') throw fail('refused', `the model refuses: ${quote(refusal)}`, { retryable: false })
      const meant = FINISHES.get(finish.toLowerCase())
      if (meant === 'broken') throw fail('unavailable', `the endpoint gave the reply up, with "${finish}"`)
      if (meant !== undefined) return [endChunk(meant)]
      // Some endpoints finish with `stop` after calls.
      const parts = calls.parts()
      if (parts.length > 0) {
        return [...readCalls(parts).map((call) => ({ kind: 'call', call }) as const), endChunk('tool_calls')]
      }
      const answer = readAnswer()
      if ('problem' in answer) throw fail('bad-answer', answer.problem)
      return [{ kind: 'answer', ...answer }, endChunk('stop')]
    },
  }
}
