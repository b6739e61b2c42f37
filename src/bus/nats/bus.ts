/**
 * The bus on NATS: core subjects for signals, JetStream streams for mail, records and leases, an Object Store for
 * blobs. It needs no server newer than 2.9.4.
 */
import { jetstream } from '@nats-io/jetstream'
import { millis } from '@nats-io/transport-node'
import type { Clock } from '../../time/clock.ts'
import { systemClock } from '../../time/system-clock.ts'
import type { Bus } from '../bus.ts'
import { natsBlobs } from './blobs.ts'
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts'
import { natsLeases } from './leases.ts'
import { natsMailboxes } from './mailboxes.ts'
import { natsRecords } from './records.ts'
import { supportedJetStream } from './server.ts'
import { natsSignals } from './signals.ts'
import { storeOver } from './store.ts'
import {
  blobStream,
  ensureStream,
  leaseStream,
  mailStream,
  recordStream,
  type StreamDefinition,
} from './streams.ts'
import { type Subjects, subjectsOf } from './subjects.ts'

export type NatsOptions = ConnectionOptions & {
  /** Keeps the installations on one server apart. `skein` by default. */
  readonly prefix?: string
  /** Time until an unacknowledged delivery is delivered again. 30,000 by default. */
  readonly ackWaitMs?: number
  /** At least 100. 10,000 by default. */
  readonly leaseTtlMs?: number
  /** How long a duplicate is recognised. At least 100. 120,000 by default. */
  readonly dedupWindowMs?: number
  /** Messages that open something, in each mailbox. 10,000 by default. */
  readonly mailboxCapacity?: number
  /** Servers that keep a copy of everything, 1 to 5, in a cluster of no fewer. 1 by default. */
  readonly replicas?: number
  readonly clock?: Clock
}

/** The server's own defaults. */
const ACK_WAIT_MS = 30_000
const DEDUP_WINDOW_MS = 120_000
const LEASE_TTL_MS = 10_000
const MAILBOX_CAPACITY = 10_000

/**
 * Joins the bus, and makes its streams if nobody did. Streams and consumers that exist keep their settings, replicas
 * too, whatever the options say. The connection comes back by itself, for ever.
 * @throws UnavailableError, UnauthorizedError, UnsupportedServerError, InvalidError
 * @example
 * const bus = await natsBus({ url: 'nats://127.0.0.1:4222', onStatus: (text) => console.error(text) })
 */
export async function natsBus(options: NatsOptions): Promise<Bus> {
  const subjects = subjectsOf(options.prefix ?? 'skein')
  const connection = await openConnection(options, options.clock ?? systemClock())
  try {
    return await busOver(connection, subjects, options)
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function busOver(connection: Connection, subjects: Subjects, options: NatsOptions): Promise<Bus> {
  const jetStream = await supportedJetStream(connection)
  const client = jetstream(connection.nats, { timeout: connection.requestTimeoutMs })
  const store = storeOver(connection, client)
  const over = { connection, jetStream, client, store, subjects }
  const settings = {
    dedupWindowMs: options.dedupWindowMs ?? DEDUP_WINDOW_MS,
    mailboxCapacity: options.mailboxCapacity ?? MAILBOX_CAPACITY,
    leaseTtlMs: options.leaseTtlMs ?? LEASE_TTL_MS,
  }
  const ensure = (stream: StreamDefinition) =>
    ensureStream(connection, { ...stream, num_replicas: options.replicas ?? 1 })
  const [leases] = await Promise.all([
    ensure(leaseStream(subjects, settings)),
    ensure(mailStream(subjects, settings)),
    ensure(recordStream(subjects)),
    ensure(blobStream(subjects)),
  ])
  return {
    signals: natsSignals(connection, subjects),
    mailboxes: natsMailboxes({ ...over, ackWaitMs: options.ackWaitMs ?? ACK_WAIT_MS }),
    records: natsRecords(over),
    leases: natsLeases({ ...over, ttlMs: millis(leases.max_age) }),
    blobs: await natsBlobs(over),
    close: connection.close,
  }
}
