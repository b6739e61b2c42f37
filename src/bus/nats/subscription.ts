/** A core subscription as an iteration that can be closed: what signals and the tap on the mail have in common. */
import { deadline, type Msg } from '@nats-io/transport-node'
import type { Connection } from './connection.ts'

export type OpenSubscription<T> = AsyncIterable<T> & { close(): void }

/** Resolves when the server knows of it. A message that `read` makes nothing of is passed over. */
export function openSubscription<T>(
  connection: Connection,
  subject: string,
  read: (message: Msg) => T | undefined,
): Promise<OpenSubscription<T>> {
  const { nats, requestTimeoutMs } = connection
  return connection.read(`the subscription to "${subject}"`, async () => {
    const subscription = nats.subscribe(subject)
    try {
      await deadline(nats.flush(), requestTimeoutMs)
    } catch (error) {
      subscription.unsubscribe()
      throw error
    }
    return {
      close: () => subscription.unsubscribe(),
      async *[Symbol.asyncIterator]() {
        for await (const message of subscription) {
          const item = read(message)
          if (item !== undefined) yield item
        }
      },
    }
  })
}
