/** Leases: keys that die unless they are renewed. They say who hosts what; the record is the fence, this is a hint. */

export type Lease = {
  readonly key: string
  /** Sequence of the lease's creation: a later holder has a greater one. */
  readonly epoch: number
  /** Sequence of the last renewal. */
  readonly revision: number
}

export type LeaseEntry = { readonly key: string; readonly value: string }

export interface Leases {
  /** How long a lease lives without a renewal, in milliseconds: one for the whole bus. */
  readonly ttlMs: number
  /** Takes the key, or answers undefined while somebody holds it. Keys are dot-separated tokens. */
  acquire(key: string, value: string): Promise<Lease | undefined>
  /** Starts the time to live anew, with another value if one is given. @throws LeaseLostError */
  renew(lease: Lease, value: string): Promise<Lease>
  /** Gives the key back at once. Does nothing if it is no longer ours. */
  release(lease: Lease): Promise<void>
  /** What is held now, at or below a prefix. */
  list(prefix: string): Promise<LeaseEntry[]>
}
