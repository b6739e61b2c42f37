/**
 * Leases: a stream that keeps one message for each key and forgets it when it is too old. A lease is taken by storing
 * the first message of its key, and kept by storing the next on top of the last.
 *
 * The epoch is the sequence of the message that took the lease; renewals carry it in a header. A lease is given back
 * by deleting its message by sequence, which by nature leaves the message of a later holder alone, and no marker.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { LeaseLostError } from '../errors.ts'
import type { Lease, Leases } from '../leases.ts'
import type { Connection } from './connection.ts'
import { lastMessagesIn } from './last-messages.ts'
import { messageRemover } from './remove-message.ts'
import type { Store } from './store.ts'
import type { Subjects } from './subjects.ts'

export type LeasesOver = {
  readonly connection: Connection
  readonly jetStream: JetStreamManager
  readonly store: Store
  readonly subjects: Subjects
  /** What the stream does, whatever was asked for. */
  readonly ttlMs: number
}

const EPOCH = 'Skein-Lease-Epoch'

const epochOf = (message: StoredMsg) => Number(message.header.get(EPOCH) || message.seq)

export function natsLeases({ connection, jetStream, store, subjects, ttlMs }: LeasesOver): Leases {
  const { leaseStream: stream, leases: keys } = subjects
  const last = lastMessagesIn(stream, connection, jetStream)
  const removeMessage = messageRemover(stream, connection, jetStream)

  /** The message that holds the lease now, if it is this lease. */
  async function own({ key, epoch }: Lease): Promise<StoredMsg | undefined> {
    const message = await last.of(keys.subject(key))
    return message && epochOf(message) === epoch ? message : undefined
  }

  async function renewOn({ key, epoch }: Lease, revision: number, value: string): Promise<Lease | undefined> {
    const marked = headers()
    marked.set(EPOCH, `${epoch}`)
    const stored = await store({
      what: `the renewal of the lease "${key}"`,
      subject: keys.subject(key),
      body: new TextEncoder().encode(value),
      headers: marked,
      expected: revision,
    })
    return stored.kind === 'stored' ? { key, epoch, revision: stored.sequence } : undefined
  }

  return {
    ttlMs,

    async acquire(key, value) {
      const stored = await store({
        what: `taking the lease "${key}"`,
        subject: keys.subject(key),
        body: new TextEncoder().encode(value),
        expected: 0,
      })
      if (stored.kind !== 'stored') return undefined
      return { key, epoch: stored.sequence, revision: stored.sequence }
    },

    async renew(lease, value) {
      const renewed = await renewOn(lease, lease.revision, value)
      if (renewed) return renewed
      // An earlier renewal may have been applied without an answer: then the lease is still ours, further on.
      const held = await own(lease)
      const retried = held && (await renewOn(lease, held.seq, value))
      if (retried) return retried
      throw new LeaseLostError(lease.key)
    },

    async release(lease) {
      const held = await own(lease)
      if (held !== undefined) await removeMessage(`giving back the lease "${lease.key}"`, held.seq)
    },

    async list(prefix) {
      const messages = await last.matching(keys.below(prefix))
      return messages.map((message) => ({ key: keys.keyOf(message.subject), value: message.string() }))
    },
  }
}
