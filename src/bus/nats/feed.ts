/**
 * The messages of a stream that a filter matches, in their order. It reads through the client's ordered consumer,
 * which makes itself anew at the right place whenever the connection, or a message, was lost.
 *
 * In a cluster that consumer lives on one server, which may be a follower: what it delivers lags behind the stream,
 * and loses nothing. It dies with that server, and the client would wait for it to come back; so when it has been
 * silent for a while, or the connection came back, another takes its place.
 */
import { type ConsumerMessages, DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream'
import { sleep } from '../../time/clock.ts'
import { UnavailableError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { reason } from './failures.ts'

export type Feed = AsyncIterable<JsMsg> & {
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
/** How long one request for messages stands. The server says twice in that time that it lives. */
const EXPIRES_MS = 5_000
/** The server forgets a consumer that nobody read for so long. */
const FORGOTTEN_AFTER_MS = 60_000
/** Between two attempts to begin anew. */
const RETRY_MS = 500
/** After so long without a message it is looked up whether any is left. */
const LOOK_MS = 200

/** In force when it resolves. @throws UnavailableError */
export async function openFeed({ connection, client, stream, filter, from }: FeedOver): Promise<Feed> {
  const what = `the read along "${filter}"`
  let stopped = false
  let closing: Promise<unknown> | undefined
  let reading = await begin()

  function begin(after?: number) {
    const beginning =
      after === undefined
        ? { deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }
    return connection.read(what, async () => {
      const consumer = await client.consumers.get(stream, {
        filter_subjects: filter,
        inactive_threshold: FORGOTTEN_AFTER_MS,
        ...beginning,
      })
      const { delivered } = await consumer.info(true)
      const messages = await consumer.consume({ max_messages: BATCH, expires: EXPIRES_MS })
      void stopWhenSilent(messages)
      return {
        messages,
        /** The sequence before the first that it has to deliver. */
        start: delivered.stream_seq,
        // Where this fails the server forgets it by itself.
        forget: () => consumer.delete().catch(() => {}),
      }
    })
  }

  /** Begins again after the last message that came. */
  async function beginAgain(after: number): Promise<void> {
    void reading.forget()
    while (!stopped) {
      try {
        reading = await begin(after)
        if (stopped) reading.messages.stop()
        return
      } catch (error) {
        tell(error)
        await sleep(connection.clock, RETRY_MS)
      }
    }
  }

  /** While the connection is down there is a better explanation, and it was told. */
  function tell(error: unknown): void {
    if (connection.isUp()) connection.report(`${what} stopped, trying again: ${reason(error)}`)
  }

  function stop(): void {
    stopped = true
    reading.messages.stop()
  }

  async function close(): Promise<void> {
    for (const stopListening of listening) stopListening()
    stop()
    closing ??= reading.forget()
    await closing
  }

  const listening = [connection.onReconnect(() => reading.messages.stop()), connection.onClose(close)]
  return {
    stop,
    close,
    async *[Symbol.asyncIterator]() {
      let last = reading.start
      try {
        while (!stopped) {
          try {
            for await (const message of reading.messages) {
              if (stopped) return
              // A follower that lags behind begins where it is.
              if (message.seq <= last) continue
              last = message.seq
              yield message
            }
          } catch (error) {
            tell(error)
            await sleep(connection.clock, RETRY_MS)
          }
          await beginAgain(last)
        }
      } finally {
        await close()
      }
    },
  }
}

async function stopWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === 'heartbeats_missed') messages.stop()
  }
}

export type ReadAllOver = Pick<Connection, 'clock' | 'requestTimeoutMs'> & {
  readonly feed: Feed
  /** Sequence of the last message that matches now, as the stream's leader has it. */
  readonly last: () => Promise<number | undefined>
}

/** What a feed of `all` has, up to the last message that was stored before. @throws UnavailableError */
export async function readAll({ feed, last, clock, requestTimeoutMs }: ReadAllOver): Promise<JsMsg[]> {
  const read: JsMsg[] = []
  let before = 0
  const stopIfStalled = () => {
    if (read.length === before) return feed.stop()
    before = read.length
    timer = clock.setTimer(requestTimeoutMs, stopIfStalled)
  }
  let timer = clock.setTimer(requestTimeoutMs, stopIfStalled)
  const over = new AbortController()
  const nothingIsLeft = async () => ((await last()) ?? 0) <= (read.at(-1)?.seq ?? 0)
  /** What is purged while it is read never comes. */
  async function stopIfPurged(): Promise<void> {
    for (;;) {
      const seen = read.length
      await sleep(clock, LOOK_MS, over.signal)
      if (over.signal.aborted) return
      if (read.length === seen && (await nothingIsLeft().catch(() => false))) return feed.stop()
    }
  }
  try {
    const end = await last()
    if (end === undefined) return read
    void stopIfPurged()
    for await (const message of feed) {
      read.push(message)
      if (message.seq >= end) return read
    }
    // It stalled: what was left has been purged meanwhile, or the server is gone.
    if (await nothingIsLeft()) return read
    throw new UnavailableError(`reading stopped after ${read.length} messages, with more to come: try again`)
  } finally {
    timer.cancel()
    over.abort()
    await feed.close()
  }
}
