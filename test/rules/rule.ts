/** A rule: what to say next, where a conversation is as the rule expects it. The first that has a reply gives it. */
import type { StubReply } from '../model/openai-stub.ts'
import type { Chat } from './chat.ts'
import { fitted } from './schema.ts'

export type Rule = {
  readonly name: string
  /** Undefined where it does not apply. */
  readonly reply: (chat: Chat) => StubReply | undefined
}

/** A call to make. Undefined where the tool is not offered, so that rules may ask for more than there is. */
type Wish = { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }

/** Calls of tools, as far as they are offered, in one reply; undefined where none is. */
export function call(chat: Chat, wishes: readonly Wish[], text?: string): StubReply | undefined {
  const offered = wishes.flatMap(({ tool, input }) => {
    const schema = chat.tools.get(tool)
    return schema === undefined ? [] : [{ name: tool, arguments: fitted(schema, input) }]
  })
  if (offered.length === 0) return undefined
  return { calls: offered, ...(text !== undefined && { text }) }
}

/** An answer in the form that is asked for. */
export const answer = (chat: Chat, value: unknown): StubReply => ({ json: fitted(chat.answer, value) })

/** An answer as a message of a type, which comes with it where there is a choice of types. */
export const answerAs = (chat: Chat, type: string, body: unknown): StubReply => {
  const isChoice = Object.keys(chat.answer.properties ?? {}).includes('answer')
  return answer(chat, isChoice ? { answer: { type, body } } : body)
}
