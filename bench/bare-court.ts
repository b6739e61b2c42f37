/** Where the bare side plays: plain client code on streams and consumers with the settings of skein's, beside them. */
import { AckPolicy, type ConsumerMessages, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { mailStream, recordStream } from '../src/bus/nats/streams.ts'
import { subjectsOf } from '../src/bus/nats/subjects.ts'

/** A server that is ours. */
export type Server = { readonly url: string; readonly token: string }

export interface Court {
  readonly nats: NatsConnection
  /** Stores mail of so many bytes that begins with `text`, which is said once only. */
  put(mailbox: string, text: string, bytes: number): Promise<void>
  /** Appends so many bytes to a record whose last sequence is `expected`, and answers the new one. */
  append(record: string, bytes: number, expected: number): Promise<number>
  /** Hands on what comes into a mailbox. */
  read(mailbox: string, take: (text: string, ack: () => void) => void): Promise<void>
  leave(): Promise<void>
}

/** Unacknowledged deliveries, as a host may have. */
const PREFETCH = 64

/** @param prefix of subjects and streams */
export async function openCourt({ url, token }: Server, prefix = 'bare'): Promise<Court> {
  const subjects = subjectsOf(prefix)
  const settings = { dedupWindowMs: 120_000, mailboxCapacity: 10_000, leaseTtlMs: 10_000 }
  const nats = await connect({ servers: url, token, noAsyncTraces: true })
  const manager = await jetstreamManager(nats)
  await manager.streams.add(mailStream(subjects, settings))
  await manager.streams.add(recordStream(subjects))
  const client = jetstream(nats)
  const encoder = new TextEncoder()
  const readings: ConsumerMessages[] = []

  return {
    nats,
    async put(mailbox, text, bytes) {
      const data = encoder.encode(`${text} `.padEnd(bytes, 'o'))
      await client.publish(`${prefix}.mail.${mailbox}`, data, { msgID: `${text} ${mailbox}` })
    },
    async append(record, bytes, expected) {
      const expect = { lastSubjectSequence: expected }
      const data = encoder.encode(''.padEnd(bytes, 'o'))
      const { seq } = await client.publish(`${prefix}.record.${record}`, data, { expect })
      return seq
    },
    async read(mailbox, take) {
      const consumer = mailbox.replace('.', '_')
      await manager.consumers.add(subjects.mailStream, {
        durable_name: consumer,
        filter_subject: `${prefix}.mail.${mailbox}`,
        ack_policy: AckPolicy.Explicit,
        max_ack_pending: -1,
      })
      const callback = (message: JsMsg) => take(message.string(), () => message.ack())
      const reader = await client.consumers.get(subjects.mailStream, consumer)
      readings.push(await reader.consume({ max_messages: PREFETCH, callback }))
    },
    async leave() {
      for (const reading of readings) reading.stop()
      await nats.drain()
    },
  }
}
