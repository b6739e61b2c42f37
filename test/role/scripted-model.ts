/** A model that says what a test wrote down, turn by turn, and remembers what it was asked. */
import type { ChatChunk, ChatRequest, FinishReason, Model, Usage } from '../../src/model/model.ts'

export type Line =
  | {
      readonly text?: string
      /** Tools to call, with their inputs. */
      readonly calls?: readonly (readonly [tool: string, input: unknown])[]
      readonly answer?: readonly [type: string, body: unknown]
      readonly finish?: FinishReason
      readonly usage?: Usage
    }
  | Error

export type ScriptedModel = Model & { readonly requests: ChatRequest[] }

/** @param script one line for each call; the last one is said again for as long as it is asked */
export function scriptedModel(...script: readonly Line[]): ScriptedModel {
  const requests: ChatRequest[] = []
  return {
    provider: 'scripted',
    name: 'script',
    requests,
    async *stream(request): AsyncIterable<ChatChunk> {
      const line = script[Math.min(requests.length, script.length - 1)]!
      const number = requests.push(request)
      if (line instanceof Error) throw line
      const { text, calls = [], answer, finish = calls.length > 0 ? 'tool_calls' : 'stop', usage } = line
      if (text !== undefined) yield { kind: 'text', text }
      for (const [index, [tool, input]] of calls.entries())
        yield { kind: 'call', call: { id: `call-${number}-${index + 1}`, tool, input } }
      if (answer !== undefined) yield { kind: 'answer', type: answer[0], body: answer[1] }
      yield { kind: 'end', finish, model: 'script', ...(usage && { usage }) }
    },
  }
}
