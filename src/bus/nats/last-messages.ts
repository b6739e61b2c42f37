/**
 * The last message of a subject, and of each subject that a filter matches: read one by one from the stream's leader.
 * A consumer could deliver the latter too; but it would have to be made and unmade each time somebody looks, and to
 * find out where "now" ends.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { Connection } from './connection.ts'

/** Requests under way at once. */
const IN_FLIGHT = 64

export type LastMessages = {
  /** Of a filter, the last of all that it matches. */
  of(subject: string): Promise<StoredMsg | undefined>
  /** In no order. */
  matching(filter: string): Promise<StoredMsg[]>
}

export function lastMessagesIn(
  stream: string,
  connection: Connection,
  jetStream: JetStreamManager,
): LastMessages {
  const last = async (subject: string) =>
    (await jetStream.streams.getMessage(stream, { last_by_subj: subject })) ?? undefined

  return {
    of: (subject) => connection.read(`the read of "${subject}"`, () => last(subject)),
    matching: (filter) =>
      connection.read(`the read of "${filter}"`, async () => {
        const { state } = await jetStream.streams.info(stream, { subjects_filter: filter })
        const subjects = Object.keys(state.subjects ?? {}).values()
        const messages: StoredMsg[] = []
        const worker = async () => {
          for (const subject of subjects) {
            const message = await last(subject)
            // Gone since: expired, or purged.
            if (message !== undefined) messages.push(message)
          }
        }
        await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
        return messages
      }),
  }
}
