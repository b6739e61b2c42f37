/** What was said in a mesh, read off its journal. */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { nameOf, partsOf } from '../../protocols/ids.ts'
import { run } from '../../protocols/run.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { TestingError } from './errors.ts'

/** A message, as it was committed by its sender. */
export type TestMessage<Type extends string = string, Body = unknown> = {
  readonly type: Type
  /** Roles; `origin` is where the test's own messages come from, and where their answers go. */
  readonly from: string
  readonly to: string
  readonly body: Body
  /** 1 for the first of the mesh. */
  readonly order: number
  /** Names of the sender's and of the receiver's conversation. */
  readonly conversations: { readonly from: string; readonly to: string }
  readonly peer: string
  readonly run: string
  readonly id: string
  /** The message that it answers. */
  readonly answers: string | null
  /** Virtual milliseconds after the mesh was there. */
  readonly atMs: number
}

/** @param journal every commit, oldest first. @param beginMs when the mesh was there */
export function messagesIn(journal: readonly ConversationRecord[], beginMs: number): readonly TestMessage[] {
  const sent = new Map<string, Omit<TestMessage, 'order'>>()
  for (const { outbox, took } of journal) {
    for (const id of took.unsent ?? []) sent.delete(id)
    for (const { message } of outbox) {
      const { id, type, from, to, body, correlation, sentAt } = message
      // It only brings stake home.
      if (type === run.messages.idle.type || sent.has(id)) continue
      const { from: source, to: target } = partsOf(id)
      sent.set(id, {
        ...{ type, from: from.role, to: to.role, body, id, peer: from.peer, run: message.run },
        conversations: { from: nameOf(source), to: nameOf(target) },
        answers: correlation ?? null,
        atMs: sentAt - beginMs,
      })
    }
  }
  return [...sent.values()].map((message, index) => ({ ...message, order: index + 1 }))
}

export type MessageName = string | Pick<MessageDefinition, 'type'>
export type MessageNamed<Name> =
  Name extends MessageDefinition<infer Type, infer Body>
    ? TestMessage<Type, z.output<Body>>
    : Name extends string
      ? TestMessage<Name>
      : TestMessage

const typeOf = (name: MessageName) => (typeof name === 'string' ? name : name.type)

export const messagesOf = <Name extends MessageName>(messages: readonly TestMessage[], name: Name) =>
  messages.filter(({ type }) => type === typeOf(name)) as unknown as readonly MessageNamed<Name>[]

/** @throws TestingError `testing.message` where there is none, or more than one */
export function onlyMessage<Name extends MessageName>(
  messages: readonly TestMessage[],
  name: Name,
): MessageNamed<Name> {
  const found = messagesOf(messages, name)
  if (found.length === 1) return found[0]!
  const what = found.length === 0 ? 'no message' : `${found.length} messages`
  const sent = linesOf(messages).map((line) => `  ${line}`)
  throw new TestingError(
    'message',
    [
      `there is ${what} "${typeOf(name)}", where the test expects one. ${sent.length === 0 ? 'Nothing was sent' : 'These were sent:'}`,
      ...sent,
    ].join('\n'),
  )
}

/** `clerk → reader  desk.lookup`, a line each. */
export const linesOf = (messages: readonly TestMessage[]): readonly string[] =>
  messages.map(({ from, to, type }) => `${from} → ${to}  ${type}`)
