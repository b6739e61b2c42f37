/**
 * Records: a stream with a subject for each key, appended with the sequence that the key's last message must have.
 *
 * In a cluster the leader of the stream answers `read` and `latest`, and says where `history` ends: each includes what
 * was acknowledged before. A leader that was cut off from the others, and does not know it yet, may answer as of
 * then; it can append nothing. The beginning of a `watch` may come from a follower that lags behind: what it lacks
 * then follows, in order.
 */
import type { JetStreamClient, JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream'
import { ConflictError } from '../errors.ts'
import type { RecordEntry, Records } from '../records.ts'
import type { Connection } from './connection.ts'
import { openFeed, readAll } from './feed.ts'
import { bytesOf } from './frames.ts'
import { lastMessagesIn } from './last-messages.ts'
import type { Store } from './store.ts'
import type { Subjects } from './subjects.ts'

export type RecordsOver = {
  readonly connection: Connection
  readonly client: JetStreamClient
  readonly jetStream: JetStreamManager
  readonly store: Store
  readonly subjects: Subjects
}

export function natsRecords({ connection, client, jetStream, store, subjects }: RecordsOver): Records {
  const { recordStream: stream, records: keys } = subjects
  const last = lastMessagesIn(stream, connection, jetStream)
  const feed = (prefix: string, from: 'all' | 'last') =>
    openFeed({ connection, client, stream, filter: keys.below(prefix), from })

  const entryOf = (message: StoredMsg | JsMsg, storedAt: number): RecordEntry => ({
    key: keys.keyOf(message.subject),
    value: bytesOf(message.data),
    revision: message.seq,
    storedAt,
  })
  const ofStored = (message: StoredMsg) => entryOf(message, message.time.getTime())
  const ofDelivered = (message: JsMsg) => entryOf(message, Number(message.timestampNanos / 1_000_000n))

  return {
    async read(key) {
      const message = await last.of(keys.subject(key))
      return message && ofStored(message)
    },

    async append(key, value, expected) {
      const what = `the append to "${key}"`
      const stored = await store({ what, subject: keys.subject(key), body: value, expected })
      if (stored.kind !== 'stored') throw new ConflictError(key, expected)
      return stored.sequence
    },

    async history(prefix) {
      const { clock, requestTimeoutMs } = connection
      const end = async () => (await last.of(keys.below(prefix)))?.seq
      const found = await readAll({ feed: await feed(prefix, 'all'), last: end, clock, requestTimeoutMs })
      return found.map(ofDelivered)
    },

    async latest(prefix) {
      return (await last.matching(keys.below(prefix))).map(ofStored)
    },

    async watch(prefix) {
      const followed = await feed(prefix, 'last')
      return {
        close: () => void followed.close(),
        async *[Symbol.asyncIterator]() {
          for await (const message of followed) yield ofDelivered(message)
        },
      }
    },

    async purge(prefix, before) {
      const filter = keys.below(prefix)
      await connection.write(`the purge of "${prefix}"`, () =>
        jetStream.streams.purge(stream, before === undefined ? { filter } : { filter, seq: before }),
      )
    },
  }
}
