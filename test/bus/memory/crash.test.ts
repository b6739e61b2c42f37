import { expect, test } from 'vitest'
import type { Bus } from '../../../src/bus/bus.ts'
import { LeaseLostError } from '../../../src/bus/errors.ts'
import { bytes, frame, post, someRole, take, text, unique } from '../../contracts/bus/harness.ts'
import { expectSilence, faultsOf, pass, quiet, settled, virtualNetwork } from './virtual.ts'

const MAILBOX = someRole()

test('no promise of a crashed client settles any more', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const mailbox = someRole()
  const stop = new AbortController()
  await post(bus, mailbox, 'm')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 2 })
  const delivery = await take(reader, signal)
  const subscription = await bus.signals.subscribe('s')
  const watch = await bus.records.watch('r')
  const before = [
    reader.next(stop.signal),
    subscription[Symbol.asyncIterator]().next(),
    watch[Symbol.asyncIterator]().next(),
  ]
  network.crash('a')
  stop.abort()
  subscription.close()
  bus.signals.publish('s', frame('x'))
  const after = [
    bus.records.append('r.a', bytes('1'), 0),
    bus.records.read('r.a'),
    bus.mailboxes.put(mailbox, frame('m'), { dedup: unique() }),
    bus.leases.acquire('peer.a', 'x'),
    bus.blobs.put(bytes('x')),
    delivery.ack(),
    reader.next(signal),
    reader.next(stop.signal),
    reader.close(),
    watch[Symbol.asyncIterator]().next(),
    bus.close(),
  ]
  await expectSilence(clock, Promise.race([...before, ...after]))
  const other = network.connect('b')
  expect(await other.records.read('r.a')).toBeUndefined()
  expect(await other.mailboxes.depth(mailbox)).toBe(1)
  expect(await other.leases.list('peer')).toEqual([])
})

test('what a crashed client held is delivered again after the ack wait', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const mailbox = someRole()
  await post(other, mailbox, 'm')
  await take(await dying.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  const reader = await other.mailboxes.reader(mailbox, { prefetch: 1 })
  const waiting = take(reader, signal)
  network.crash('dying')
  const again = await settled(clock, waiting)
  expect(text(again.frame.body)).toBe('m')
  expect(clock.now()).toBe(30_000)
})

test('a crashed client takes no message it waited for', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const mailbox = someRole()
  const waiting = (await dying.mailboxes.reader(mailbox, { prefetch: 1 })).next(signal)
  network.crash('dying')
  await post(other, mailbox, 'm')
  const reader = await other.mailboxes.reader(mailbox, { prefetch: 1 })
  expect((await take(reader, signal)).attempt).toBe(1)
  await expectSilence(clock, waiting)
})

test('a delivery on its way to a crashed client comes again to another', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('reader.next', { delayMs: 10 }))
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const mailbox = someRole()
  await post(other, mailbox, 'm')
  const lost = (await dying.mailboxes.reader(mailbox, { prefetch: 1 })).next(signal)
  network.crash('dying')
  const reader = await other.mailboxes.reader(mailbox, { prefetch: 1 })
  expect((await settled(clock, take(reader, signal))).attempt).toBe(2)
  expect(clock.now()).toBe(30_000)
  await expectSilence(clock, lost)
})

test('what a client wrote before it crashed is applied and not answered', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { delayMs: 10 }))
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const append = dying.records.append('r.a', bytes('1'), 0)
  await quiet()
  network.crash('dying')
  await pass(clock, 10)
  expect(await other.records.read('r.a')).toMatchObject({ revision: 1 })
  await expectSilence(clock, append)
})

test('the lease of a crashed client stays until it runs out', async () => {
  const { clock, network } = virtualNetwork()
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const lease = await dying.leases.acquire('peer.a', 'dying')
  network.crash('dying')
  expect(await other.leases.acquire('peer.a', 'other')).toBeUndefined()
  await pass(clock, 10_000)
  expect(await other.leases.acquire('peer.a', 'other')).toBeDefined()
  const heir = network.connect('dying')
  await expect(heir.leases.renew(lease!, 'heir')).rejects.toBeInstanceOf(LeaseLostError)
})

test('crashing nobody does nothing', async () => {
  const { network } = virtualNetwork()
  const bus = network.connect('a')
  await bus.close()
  network.crash('a')
  network.crash('b')
  await bus.close()
})

const WRITES: [string, (bus: Bus) => Promise<unknown>, (bus: Bus) => Promise<unknown>][] = [
  [
    'records.append',
    (bus) => bus.records.append('r.a', bytes('1'), 0),
    async (bus) => (await bus.records.history('r')).length,
  ],
  ['mailboxes.put', (bus) => post(bus, MAILBOX, 'm'), (bus) => bus.mailboxes.depth(MAILBOX)],
  [
    'leases.acquire',
    (bus) => bus.leases.acquire('peer.a', 'x'),
    async (bus) => (await bus.leases.list('peer')).length,
  ],
]

test.each(WRITES)('a fault kills its client before or after %s', async (name, write, count) => {
  for (const [crash, left] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    const crashed: string[] = []
    const { clock, network } = virtualNetwork(faultsOf(name, { crash }), 1, {
      onCrash: (client) => crashed.push(client),
    })
    const [dying, other] = [network.connect('dying'), network.connect('other')]
    const writing = write(dying)
    expect(crashed).toEqual(['dying'])
    expect(await count(other)).toBe(left)
    await expectSilence(clock, Promise.race([writing, dying.records.read('r.a')]))
    network.connect('dying')
  }
})

test('a fault kills its client before or after an ack', async ({ signal }) => {
  for (const [crash, left] of [
    ['before', 1],
    ['after', 0],
  ] as const) {
    const { clock, network } = virtualNetwork(faultsOf('delivery.ack', { crash }))
    const [dying, other] = [network.connect('dying'), network.connect('other')]
    await post(other, MAILBOX, 'm')
    const delivery = await take(await dying.mailboxes.reader(MAILBOX, { prefetch: 1 }), signal)
    await expectSilence(clock, delivery.ack())
    expect(await other.mailboxes.depth(MAILBOX)).toBe(left)
  }
})

test('a client that a fault kills after a read knows nothing of it', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.watch', { crash: 'after' }))
  const [dying, other] = [network.connect('dying'), network.connect('other')]
  const watch = dying.records.watch('r')
  await other.records.append('r.a', bytes('1'), 0)
  await expectSilence(clock, watch)
})

test('a write that is on its way for long kills its client when it was carried out, and no heir', async () => {
  const crashed: string[] = []
  const { clock, network } = virtualNetwork(
    faultsOf('records.append', { delayMs: 10, crash: 'after' }, { delayMs: 10, crash: 'after' }),
    1,
    { onCrash: (client) => crashed.push(client) },
  )
  const dying = network.connect('dying')
  const append = dying.records.append('r.a', bytes('1'), 0)
  await quiet()
  expect(await dying.records.read('r.a')).toBeUndefined()
  await pass(clock, 10)
  await expectSilence(clock, append)

  const heir = network.connect('dying')
  expect(await heir.records.read('r.a')).toMatchObject({ revision: 1 })
  const late = heir.records.append('r.b', bytes('2'), 0)
  await quiet()
  network.crash('dying')
  const third = network.connect('dying')
  await pass(clock, 10)
  expect(await third.records.read('r.b')).toMatchObject({ revision: 2 })
  expect(crashed).toEqual(['dying'])
  await expectSilence(clock, late)
})
