/**
 * The messages of a stream that a filter matches, in their order. It reads through the client's ordered consumer,
 * which makes itself anew at the right place whenever the connection, or a message, was lost.
 */
import { DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream'
import { UnavailableError } from '../errors.ts'
import type { Connection } from './connection.ts'

export type Feed = AsyncIterable<JsMsg> & {
  /** How many matched when it was opened. */
  readonly total: number
  /** How many match and were not delivered. @throws UnavailableError */
  left(): Promise<number>
  /** Ends the iteration. */
  stop(): void
  /** Ends the iteration, and takes the consumer off the server. */
  close(): Promise<void>
}

export type FeedOver = {
  readonly connection: Connection
  readonly client: JetStreamClient
  readonly stream: string
  readonly filter: string
  /** `all`: every message. `last`: the last one of each subject. Both go on with what is stored later. */
  readonly from: 'all' | 'last'
}

/** Messages asked for at once; a value may have as much as a megabyte. */
const BATCH = 64
/** The server forgets a consumer that nobody read for so long. */
const FORGOTTEN_AFTER_MS = 60_000

/** In force when it resolves. @throws UnavailableError */
export async function openFeed({ connection, client, stream, filter, from }: FeedOver): Promise<Feed> {
  const { consumer, messages, total } = await connection.read(`the read along "${filter}"`, async () => {
    const consumer = await client.consumers.get(stream, {
      filter_subjects: filter,
      deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.LastPerSubject,
      inactive_threshold: FORGOTTEN_AFTER_MS,
    })
    const { num_pending: total } = await consumer.info(true)
    return { consumer, total, messages: await consumer.consume({ max_messages: BATCH }) }
  })
  let stopped = false
  let closing: Promise<unknown> | undefined

  function stop(): void {
    stopped = true
    messages.stop()
  }

  async function close(): Promise<void> {
    leave()
    stop()
    // Where this fails the server forgets it by itself.
    closing ??= consumer.delete().catch(() => {})
    await closing
  }

  const leave = connection.onClose(close)
  return {
    total,
    left: () =>
      connection.read(`the read along "${filter}"`, async () => (await consumer.info()).num_pending),
    stop,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for await (const message of messages) {
          if (stopped) return
          yield message
        }
      } finally {
        await close()
      }
    },
  }
}

/** What matched a feed of `all` when it was opened. @throws UnavailableError */
export async function readAll(
  feed: Feed,
  { clock, requestTimeoutMs }: Pick<Connection, 'clock' | 'requestTimeoutMs'>,
): Promise<JsMsg[]> {
  const read: JsMsg[] = []
  let before = 0
  const stopIfStalled = () => {
    if (read.length === before) return feed.stop()
    before = read.length
    timer = clock.setTimer(requestTimeoutMs, stopIfStalled)
  }
  let timer = clock.setTimer(requestTimeoutMs, stopIfStalled)
  try {
    if (feed.total === 0) return read
    for await (const message of feed) {
      read.push(message)
      if (read.length === feed.total || message.info.pending === 0) return read
    }
    // It stalled: what was left has been purged meanwhile, or the server is gone.
    if ((await feed.left()) === 0) return read
    throw new UnavailableError(`reading stopped after ${read.length} of ${feed.total} messages: try again`)
  } finally {
    timer.cancel()
    await feed.close()
  }
}
