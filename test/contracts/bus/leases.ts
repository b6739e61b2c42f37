import { assert, expect, test } from 'vitest'
import type { Bus } from '../../../src/bus/bus.ts'
import { LeaseLostError } from '../../../src/bus/errors.ts'
import type { Lease } from '../../../src/bus/leases.ts'
import { client, connected, type MakeBus, POLL, pair, unique } from './harness.ts'

async function acquired(bus: Bus, key: string, value = 'holder'): Promise<Lease> {
  const lease = await bus.leases.acquire(key, value)
  assert(lease, `"${key}" is held`)
  return lease
}

export function leasesContract(makeBus: MakeBus): void {
  test('go to one of all who ask at once', async () => {
    const buses = await connected(makeBus, 3)
    const key = `peer.${unique()}`
    const answers = await Promise.all(
      [...buses, ...buses].map((bus, index) => bus.leases.acquire(key, `${index}`)),
    )
    expect(answers.filter((lease) => lease !== undefined)).toHaveLength(1)
  })

  test('are refused while somebody holds them, the holder included', async () => {
    const [one, other] = await pair(makeBus)
    const key = `peer.${unique()}`
    const lease = await acquired(one, key)
    expect(lease.key).toBe(key)
    expect(await one.leases.acquire(key, 'again')).toBeUndefined()
    expect(await other.leases.acquire(key, 'other')).toBeUndefined()
  })

  test('keep their epoch over renewals, and change their value', async () => {
    const [one, other] = await pair(makeBus)
    const key = `peer.${unique()}`
    const lease = await acquired(one, key, 'first')
    const renewed = await one.leases.renew(lease, 'second')
    expect(renewed).toMatchObject({ key, epoch: lease.epoch })
    expect(renewed.revision).toBeGreaterThan(lease.revision)
    expect(await other.leases.list(key)).toEqual([{ key, value: 'second' }])
    await one.leases.renew(renewed, 'third')
    expect(await other.leases.list(key)).toEqual([{ key, value: 'third' }])
  })

  test('are free as soon as they are released, and give the next holder a greater epoch', async () => {
    const [one, other] = await pair(makeBus)
    const key = `peer.${unique()}`
    let holder: Lease | undefined
    for (const bus of [one, other, one]) {
      const lease = await acquired(bus, key)
      if (holder) expect(lease.epoch).toBeGreaterThan(holder.epoch)
      await bus.leases.release(lease)
      holder = lease
    }
    expect(await one.leases.list(key)).toEqual([])
  })

  test('cannot be renewed after they were released or taken by another', async () => {
    const [one, other] = await pair(makeBus)
    const key = `peer.${unique()}`
    const lease = await acquired(one, key)
    await one.leases.release(lease)
    await expect(one.leases.renew(lease, 'late')).rejects.toBeInstanceOf(LeaseLostError)
    await acquired(other, key, 'other')
    await expect(one.leases.renew(lease, 'late')).rejects.toMatchObject({ key })
    expect(await one.leases.list(key)).toEqual([{ key, value: 'other' }])
  })

  test('are not released by who lost them', async () => {
    const [one, other] = await pair(makeBus)
    const key = `peer.${unique()}`
    const lease = await acquired(one, key)
    await one.leases.release(lease)
    await acquired(other, key, 'other')
    await one.leases.release(lease)
    expect(await one.leases.list(key)).toEqual([{ key, value: 'other' }])
  })

  test('are listed at or below a prefix that ends at a token', async () => {
    const bus = await client(makeBus)
    const root = unique()
    for (const key of ['b', 'bc', 'b.c']) await acquired(bus, `${root}.${key}`, key)
    const inside = (await bus.leases.list(`${root}.b`)).map((entry) => entry.value)
    expect(inside.sort()).toEqual(['b', 'b.c'])
    expect(await bus.leases.list(unique())).toEqual([])
  })

  test('say how long they live', async () => {
    const bus = await client(makeBus, { leaseTtlMs: 2_000 })
    expect(bus.leases.ttlMs).toBe(2_000)
  })

  test('run out when they are not renewed', async () => {
    const [one, other] = await pair(makeBus, { leaseTtlMs: 1_000 })
    const key = `peer.${unique()}`
    const lease = await acquired(one, key)
    let next: Lease | undefined
    const taken = async () => {
      next = await other.leases.acquire(key, 'other')
      return next !== undefined
    }
    await expect.poll(taken, POLL).toBe(true)
    expect(next?.epoch).toBeGreaterThan(lease.epoch)
    await expect(one.leases.renew(lease, 'late')).rejects.toBeInstanceOf(LeaseLostError)
  })

  test('live on while they are renewed', async () => {
    const [one, other] = await pair(makeBus, { leaseTtlMs: 1_000 })
    const root = unique()
    let kept = await acquired(one, `${root}.kept`, 'kept')
    await acquired(one, `${root}.left`, 'left')
    const held = async () => {
      kept = await one.leases.renew(kept, 'kept')
      return other.leases.list(root)
    }
    await expect.poll(held, POLL).toEqual([{ key: `${root}.kept`, value: 'kept' }])
    expect(await other.leases.acquire(`${root}.kept`, 'other')).toBeUndefined()
  })
}
