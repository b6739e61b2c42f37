/**
 * A peer's lease: who hosts it now. The lease is a hint for others and the source of the epoch; the record is the
 * fence. It is renewed until it is released or lost.
 */

import { SkeinError } from '../../protocols/errors.ts'
import { type PeerId, peerId, type RoleName } from '../../protocols/ids.ts'
import { LeaseLostError } from '../bus/errors.ts'
import type { Lease, Leases } from '../bus/leases.ts'
import type { Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'

export interface HeldPeer {
  readonly peer: PeerId
  /** Greater than that of any holder before. */
  readonly epoch: number
  /**
   * Aborted once the bus says that the lease is not ours: somebody else holds it, or it ran out while the bus was away.
   * As long as no answer comes it may still be ours, and the record is the fence.
   */
  readonly lost: AbortSignal
  /**
   * Resolves while the lease was confirmed less than its life ago by this process's own clock; asks for a renewal
   * where it was not, as after a sleep. Who does nothing without it does nothing under a lease that ran out.
   * @throws LeaseLostError
   */
  assure(): Promise<void>
  /** Gives the peer back at once. */
  release(): Promise<void>
}

export type LeaseOptions = {
  readonly leases: Leases
  readonly clock: Clock
  readonly log: Log
  /** For whoever lists the leases: which process it is. */
  readonly value: string
}

/** A renewal happens this many times within the life of a lease. */
const RENEWALS = 3

export const peerLeaseKey = (peer: PeerId) => `peer.${peer}`

/** Takes a peer, or answers undefined while somebody holds it. */
export async function holdPeer(peer: PeerId, options: LeaseOptions): Promise<HeldPeer | undefined> {
  const { leases, clock, log, value } = options
  const askedAt = clock.now()
  const first = await leases.acquire(peerLeaseKey(peer), value)
  if (first === undefined) return undefined
  const lost = new AbortController()
  const released = new AbortController()
  let lease: Lease = first
  /** By this clock: the lease lives at least until then. */
  let sureUntil = askedAt + leases.ttlMs
  let renewal: Promise<void> | undefined

  /** One renewal at a time; whoever asks meanwhile gets the same one. @throws LeaseLostError, UnavailableError */
  function renew(): Promise<void> {
    renewal ??= tryToRenew().finally(() => {
      renewal = undefined
    })
    return renewal
  }

  async function tryToRenew(): Promise<void> {
    const asked = clock.now()
    try {
      lease = await leases.renew(lease, value)
      sureUntil = asked + leases.ttlMs
    } catch (error) {
      const gone = error instanceof LeaseLostError
      log.warn(gone ? 'the lease was lost' : 'the lease could not be renewed yet', {
        peer,
        error: String(error),
      })
      if (gone) lost.abort(error)
      throw error
    }
  }

  async function renewing(): Promise<void> {
    const pace = Math.floor(leases.ttlMs / RENEWALS)
    for (let due = clock.now() + pace; ; due = Math.max(due + pace, clock.now())) {
      await sleep(clock, due - clock.now(), released.signal)
      if (released.signal.aborted || lost.signal.aborted) return
      await renew().catch(() => {}) // the next one may succeed, or the lease is lost
    }
  }

  const loop = renewing()
  return {
    peer,
    epoch: first.epoch,
    lost: lost.signal,
    async assure() {
      while (clock.now() >= sureUntil) {
        lost.signal.throwIfAborted()
        await renew()
      }
      lost.signal.throwIfAborted()
    },
    async release() {
      released.abort()
      await loop
      await renewal?.catch(() => {})
      if (!lost.signal.aborted) await leases.release(lease)
    },
  }
}

/** Names tried before giving up on a free one. */
const NAMES_LIMIT = 1_000

/**
 * Takes the first free name of a role: `coder-1`, `coder-2`, …
 * @param isOthers whether a name is to be left to others, though it is free
 */
export async function holdAnyPeer(
  role: RoleName,
  options: LeaseOptions,
  isOthers: (peer: PeerId) => boolean = () => false,
): Promise<HeldPeer> {
  for (let number = 1; number <= NAMES_LIMIT; number++) {
    const peer = peerId(`${role}-${number}`)
    const held = isOthers(peer) ? undefined : await holdPeer(peer, options)
    if (held !== undefined) return held
  }
  throw new PeerTakenError(peerId(`${role}-${NAMES_LIMIT}`))
}

/** Somebody else holds the peer. */
export class PeerTakenError extends SkeinError {
  constructor(peer: PeerId) {
    super('peer.taken', `"${peer}" is held by another process: choose another name, or stop that one`)
  }
}
