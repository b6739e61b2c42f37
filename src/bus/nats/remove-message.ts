/** Removing one message by its sequence: a later message of its subject cannot be meant by mistake. */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'

export type RemoveMessage = (what: string, sequence: number) => Promise<boolean>

/** Answers whether it was there still. @throws AmbiguousError, UnavailableError */
export function messageRemover(
  stream: string,
  connection: Connection,
  { streams }: JetStreamManager,
): RemoveMessage {
  return (what, sequence) =>
    connection.write(what, async () => {
      try {
        return await streams.deleteMessage(stream, sequence, false)
      } catch (error) {
        const code = apiCode(error)
        if (code === API.sequenceNotFound || code === API.messageDeleteFailed) return false
        throw error
      }
    })
}
