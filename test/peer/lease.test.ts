import { describe, expect, it } from 'vitest'
import { peerId, roleName } from '../../protocols/ids.ts'
import { AmbiguousError, LeaseLostError } from '../../src/bus/errors.ts'
import type { Lease, Leases } from '../../src/bus/leases.ts'
import { silentLog } from '../../src/log.ts'
import { holdAnyPeer, holdPeer, type LeaseOptions, peerLeaseKey } from '../../src/peer/lease.ts'
import { pass, settled, virtualNetwork } from '../bus/memory/virtual.ts'

const peer = peerId('worker-1')
const TTL_MS = 10_000

/** Two clients on one network; what they ask for leases with. */
function clients() {
  const { clock, network } = virtualNetwork()
  const options = (client: string): LeaseOptions => ({
    leases: network.connect(client).leases,
    clock,
    log: silentLog,
    value: client,
  })
  return { clock, network, one: options('one'), other: options('other') }
}

describe('a held peer', () => {
  it('is nobody else’s for as long as it is held', async () => {
    const { clock, one, other } = clients()
    const held = (await holdPeer(peer, one))!
    await pass(clock, 10 * TTL_MS)
    expect(await holdPeer(peer, other)).toBeUndefined()
    expect(held.lost.aborted).toBe(false)
    await settled(clock, held.release())
  })

  it('is free at once when it is released, and then of a later epoch', async () => {
    const { clock, one, other } = clients()
    const first = (await holdPeer(peer, one))!
    await settled(clock, first.release())
    const second = (await holdPeer(peer, other))!
    expect(second.epoch).toBeGreaterThan(first.epoch)
    await pass(clock, 2 * TTL_MS)
    expect(first.lost.aborted).toBe(false)
    await settled(clock, second.release())
  })

  it('is lost once somebody else holds it, who keeps it', async () => {
    const { clock, network, one, other } = clients()
    const held = (await holdPeer(peer, one))!
    network.cut('one')
    await pass(clock, TTL_MS)
    const heir = (await holdPeer(peer, other))!
    expect(held.lost.aborted).toBe(false)
    network.heal('one')
    await pass(clock, TTL_MS)
    expect(held.lost.reason).toBeInstanceOf(LeaseLostError)
    await settled(clock, held.release())
    expect(await other.leases.list(peerLeaseKey(peer))).toHaveLength(1)
    await settled(clock, heir.release())
  })

  it('is lost when it ran out while the bus was away', async () => {
    const { clock, network, one } = clients()
    const held = (await holdPeer(peer, one))!
    network.cut('one')
    await pass(clock, 2 * TTL_MS)
    network.heal('one')
    await pass(clock, TTL_MS)
    expect(held.lost.aborted).toBe(true)
    await settled(clock, held.release())
  })

  it('is still held after a renewal that never arrived, if the next one comes in time', async () => {
    const { clock, network, one, other } = clients()
    const held = (await holdPeer(peer, one))!
    await pass(clock, 3_000)
    network.cut('one')
    await pass(clock, 4_000)
    network.heal('one')
    // The renewal is given up 8.3 s after the lease was taken, and 1.7 s before it runs out.
    await pass(clock, 5 * TTL_MS)
    expect(held.lost.aborted).toBe(false)
    expect(await holdPeer(peer, other)).toBeUndefined()
    await settled(clock, held.release())
  })

  it('is still held after renewals that arrived and were not answered, however many', async () => {
    const { clock, one, other } = clients()
    const deaf = unanswering(one.leases, 7)
    const held = (await holdPeer(peer, { ...one, leases: deaf }))!
    await pass(clock, 5 * TTL_MS)
    expect(held.lost.aborted).toBe(false)
    expect(await holdPeer(peer, other)).toBeUndefined()
    await settled(clock, held.release())
    expect(await other.leases.list(peerLeaseKey(peer))).toEqual([])
  })
})

/** Leases whose first renewals are applied and not answered. Like a server's, they are known by their epoch. */
function unanswering(leases: Leases, times: number): Leases {
  let latest: Lease | undefined
  let unanswered = 0
  const current = (lease: Lease) => (latest?.epoch === lease.epoch ? latest : lease)
  return {
    ...leases,
    async renew(lease, value) {
      latest = await leases.renew(current(lease), value)
      if (unanswered++ < times) throw new AmbiguousError('the renewal')
      return latest
    },
    release: (lease) => leases.release(current(lease)),
  }
}

describe('any peer of a role', () => {
  it('is the first that nobody holds', async () => {
    const { clock, one, other } = clients()
    const role = roleName('worker')
    const held = [await holdAnyPeer(role, one), await holdAnyPeer(role, other), await holdAnyPeer(role, one)]
    expect(held.map((each) => each.peer)).toEqual(['worker-1', 'worker-2', 'worker-3'])
    await settled(clock, held[1]!.release())
    const next = await holdAnyPeer(role, one)
    expect(next.peer).toBe('worker-2')
    await settled(clock, Promise.all([held[0]!, held[2]!, next].map((each) => each.release())))
  })
})

describe('a process that was asleep', () => {
  it('is sure of its lease only after it has asked', async () => {
    const { clock, network, one } = clients()
    const asked: string[] = []
    const leases: Leases = {
      ...one.leases,
      renew: (lease, value) => {
        asked.push(value)
        return one.leases.renew(lease, value)
      },
    }
    const held = (await holdPeer(peer, { ...one, leases }))!
    await held.assure()
    expect(asked).toEqual([])
    network.cut('one')
    await pass(clock, 2 * TTL_MS)
    network.heal('one')
    // The one that was under way when the line broke.
    await expect(settled(clock, held.assure())).rejects.toBeInstanceOf(AmbiguousError)
    await expect(settled(clock, held.assure())).rejects.toBeInstanceOf(LeaseLostError)
    expect(held.lost.aborted).toBe(true)
    await settled(clock, held.release())
  })

  it('does not wait for its next renewal where the lease is still its own', async () => {
    const { clock, one } = clients()
    let skew = 0
    const skewed = { ...clock, now: () => clock.now() + skew }
    const held = (await holdPeer(peer, { ...one, clock: skewed }))!
    skew = 2 * TTL_MS
    const before = clock.now()
    await settled(clock, held.assure())
    expect(clock.now()).toBe(before)
    await settled(clock, held.release())
  })
})
