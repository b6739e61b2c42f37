import { expect, test } from 'vitest'
import { frame, post, someRole, take, text, unique } from '../../contracts/bus/harness.ts'
import { pass, settled, virtualNetwork } from './virtual.ts'

test('a request, a delivery and a signal take no time', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await post(bus, mailbox, 'work')
  await (await take(reader, signal)).ack()
  expect(clock.now()).toBe(0)
  expect(clock.due()).toBeUndefined()
})

test('an unacknowledged delivery comes again when the ack wait is over', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'work')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await take(reader, signal)
  const again = await settled(clock, take(reader, signal))
  expect(again.attempt).toBe(2)
  expect(clock.now()).toBe(30_000)
})

test('"still working" starts the ack wait anew', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'work')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const delivery = await take(reader, signal)
  await pass(clock, 20_000)
  await delivery.working()
  await settled(clock, take(reader, signal))
  expect(clock.now()).toBe(50_000)
})

test('a retry comes after its delay', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'work')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await (await take(reader, signal)).retry(700)
  await settled(clock, take(reader, signal))
  expect(clock.now()).toBe(700)
})

test('a late ack of an earlier delivery removes the message, a late retry changes nothing', async ({
  signal,
}) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'work')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const earlier = await take(reader, signal)
  await settled(clock, take(reader, signal))
  await earlier.retry(0)
  const third = await settled(clock, take(reader, signal))
  expect(third.attempt).toBe(3)
  expect(clock.now()).toBe(60_000)
  await earlier.ack()
  expect(await bus.mailboxes.depth(mailbox)).toBe(0)
})

test('a dedup is forgotten two minutes after it was stored, however often it was repeated', async () => {
  const { clock, network } = virtualNetwork()
  const { mailboxes } = network.connect('a')
  const mailbox = someRole()
  const dedup = unique()
  for (const [ms, depth] of [
    [0, 1],
    [60_000, 1],
    [59_999, 1],
    [1, 2],
    [119_999, 2],
  ] as const) {
    await pass(clock, ms)
    await mailboxes.put(mailbox, frame('m'), { dedup })
    expect(await mailboxes.depth(mailbox)).toBe(depth)
  }
})

test('a lease lives for its time after the last renewal, to the millisecond', async () => {
  const { clock, network } = virtualNetwork()
  const { leases } = network.connect('a')
  const lease = await leases.acquire('peer.a', 'one')
  await pass(clock, 9_000)
  await leases.renew(lease!, 'two')
  await pass(clock, 9_999)
  expect(await leases.acquire('peer.a', 'three')).toBeUndefined()
  await pass(clock, 1)
  expect(await leases.list('peer')).toEqual([])
  expect(await leases.acquire('peer.a', 'three')).toMatchObject({ epoch: 3 })
})

test('a timer runs only while somebody waits for it', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'held')
  await bus.leases.acquire('peer.a', 'one')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 2 })
  await take(reader, signal)
  expect(clock.due()).toBeUndefined()
  const stop = new AbortController()
  const waiting = reader.next(stop.signal)
  expect(clock.due()).toBe(30_000)
  await reader.close()
  expect(await waiting).toBeUndefined()
  expect(clock.due()).toBeUndefined()
})

test('a client name is free again when its client has left', async () => {
  const { network } = virtualNetwork()
  const bus = network.connect('a')
  expect(() => network.connect('a')).toThrow(/"a" is connected already/)
  await bus.records.append('r.a', new Uint8Array([7]), 0)
  await bus.close()
  const heir = network.connect('a')
  await bus.close()
  expect(() => network.connect('a')).toThrow(/"a" is connected already/)
  expect([...((await heir.records.read('r.a'))?.value ?? [])]).toEqual([7])
})

test('a Buffer is copied as well', async () => {
  const { network } = virtualNetwork()
  const { records } = network.connect('a')
  const value = Buffer.from('before')
  await records.append('r.a', value, 0)
  value.fill(0)
  const entry = await records.read('r.a')
  expect(entry && text(entry.value)).toBe('before')
})
