/**
 * The port to the network. Two adapters implement it, NATS and memory, and both pass `test/contracts/bus.ts`.
 * It owns no meaning: what a frame says is the codec's business, what a record means the turn's.
 */
import type { BlobStore } from './blobs.ts'
import type { Leases } from './leases.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { Records } from './records.ts'
import type { Signals } from './signals.ts'

export interface Bus {
  readonly signals: Signals
  readonly mailboxes: Mailboxes
  readonly records: Records
  readonly leases: Leases
  readonly blobs: BlobStore
  /** Flushes and leaves. Readers, watches and subscriptions end. Idempotent. */
  close(): Promise<void>
}
