/** What a journal says of a protocol's messages. */
import type { Message } from '../../protocols/envelope.ts'
import type { Simulation } from '../../src/simulation/world.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

type Journal = Simulation['journal']

/** Every message of a type that was committed, once, in the order of the commits. */
export const sentIn = (journal: Journal, type: string): readonly Message[] => [
  ...new Map(
    journal
      .flatMap(({ outbox }) => outbox.map(({ message }) => message))
      .filter((message) => message.type === type)
      .map((message) => [message.id, message] as const),
  ).values(),
]

/** The machine's context in each record of a role that has one, oldest first. */
export const contextsOf = <Context>(journal: Journal, role: string): readonly Context[] =>
  journal.flatMap((record) => (record.role === role ? contextIn<Context>(record) : []))

const contextIn = <Context>({ snapshot }: ConversationRecord): Context[] =>
  snapshot === null ? [] : [snapshot.context as Context]
