import { assert, expect, test } from 'vitest'
import { peerId } from '../../../protocols/ids.ts'
import { AmbiguousError, UnavailableError } from '../../../src/bus/errors.ts'
import type { Operation } from '../../../src/bus/memory/faults.ts'
import { bytes, first, frame, post, someRole, take, text, unique } from '../../contracts/bus/harness.ts'
import { expectSilence, faultsOf, pass, quiet, settled, virtualNetwork } from './virtual.ts'

test('every operation is asked about, with its client, name and key', async ({ signal }) => {
  const asked: Operation[] = []
  const { network } = virtualNetwork((operation) => {
    asked.push(operation)
    return {}
  })
  const bus = network.connect('a')
  const mailbox = { kind: 'peer', peer: peerId('a-1') } as const
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await post(bus, mailbox, 'm')
  await (await take(reader, signal)).ack()
  await bus.signals.subscribe('s.*')
  bus.signals.publish('s.a', frame('x'))
  await bus.records.watch('r')
  await bus.records.append('r.a', bytes('1'), 0)
  expect(asked.map(({ kind, client, name, key }) => `${kind} ${client} ${name} ${key}`)).toEqual([
    'read a mailboxes.reader peer.a-1',
    'write a mailboxes.put peer.a-1',
    'delivery a reader.next peer.a-1',
    'settle a delivery.ack peer.a-1',
    'read a signals.subscribe s.*',
    'signal a signals.publish s.a',
    'read a records.watch r',
    'write a records.append r.a',
    'update a records.watch r.a',
  ])
})

test('a request and its answer are each delayed', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { delayMs: 30, answerMs: 50 }))
  const [writer, other] = [network.connect('writer'), network.connect('other')]
  const append = writer.records.append('r.a', bytes('1'), 0)
  await pass(clock, 29)
  expect(await other.records.read('r.a')).toBeUndefined()
  await pass(clock, 1)
  expect(await other.records.read('r.a')).toMatchObject({ revision: 1 })
  expect(await settled(clock, append)).toBe(1)
  expect(clock.now()).toBe(80)
})

test('signals are delayed past one another, dropped and duplicated', async () => {
  const fates = [{ delayMs: 20 }, { drop: true }, { delayMs: 10, duplicate: true }]
  const { clock, network } = virtualNetwork(faultsOf('signals.publish', ...fates))
  const { signals } = network.connect('a')
  const subscription = await signals.subscribe('s')
  for (const body of ['late', 'lost', 'twice']) signals.publish('s', frame(body))
  const seen = await settled(clock, first(3, subscription))
  expect(seen.map((signal) => text(signal.frame.body))).toEqual(['twice', 'twice', 'late'])
})

test('a tap misses what is dropped on its way', async () => {
  const { network } = virtualNetwork(faultsOf('mailboxes.tap', {}, {}, { drop: true }))
  const bus = network.connect('a')
  const tap = await bus.mailboxes.tap()
  for (const body of ['seen', 'lost', 'seen too']) await post(bus, someRole(), body)
  const seen = await first(2, tap)
  expect(seen.map((item) => text(item.frame.body))).toEqual(['seen', 'seen too'])
})

test('a delivery is delayed', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('reader.next', { delayMs: 40 }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'm')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await settled(clock, take(reader, signal))
  expect(clock.now()).toBe(40)
})

test('a delivery that nobody waits for any more when it arrives goes back', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('reader.next', { delayMs: 40 }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'm')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const stop = new AbortController()
  const waiting = reader.next(stop.signal)
  stop.abort()
  expect(await waiting).toBeUndefined()
  await pass(clock, 40)
  expect((await take(reader, signal)).attempt).toBe(2)
  expect(clock.now()).toBe(40)
})

test('a delivery on its way takes up the prefetch of its reader', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('reader.next', { delayMs: 40 }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'm1')
  await post(bus, mailbox, 'm2')
  const bound = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const [one, two] = [take(bound, signal), take(bound, signal)]
  const delivery = await settled(clock, one)
  expect(text(delivery.frame.body)).toBe('m1')
  await delivery.ack()
  expect(text((await two).frame.body)).toBe('m2')
})

test('a duplicated delivery comes twice, acknowledged or not, and counts once', async ({ signal }) => {
  const { network } = virtualNetwork(faultsOf('reader.next', { duplicate: true }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'm')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const delivery = await take(reader, signal)
  expect(await bus.mailboxes.depth(mailbox)).toBe(1)
  await delivery.ack()
  expect(await bus.mailboxes.depth(mailbox)).toBe(0)
  const twin = await take(reader, signal)
  expect(text(twin.frame.body)).toBe('m')
  expect(twin.attempt).toBe(2)
  await twin.ack()
})

test('a reordered delivery is the newest', async ({ signal }) => {
  const { network } = virtualNetwork(faultsOf('reader.next', { reorder: true }))
  const bus = network.connect('a')
  const mailbox = someRole()
  for (const body of ['1', '2', '3']) await post(bus, mailbox, body)
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 3 })
  const bodies: string[] = []
  for (let count = 0; count < 3; count++) bodies.push(text((await take(reader, signal)).frame.body))
  expect(bodies).toEqual(['3', '1', '2'])
})

test('a lost ack means another delivery', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('delivery.ack', { drop: true }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await post(bus, mailbox, 'm')
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  await (await take(reader, signal)).ack()
  expect((await settled(clock, take(reader, signal))).attempt).toBe(2)
})

test('an unanswered append is ambiguous, and was applied', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { unanswered: true }))
  const { records } = network.connect('a')
  await expect(settled(clock, records.append('r.a', bytes('1'), 0))).rejects.toBeInstanceOf(AmbiguousError)
  expect(clock.now()).toBe(5_000)
  expect(await records.read('r.a')).toMatchObject({ revision: 1 })
})

test('a write may be applied after its sender gave up', async () => {
  const { clock, network } = virtualNetwork(faultsOf('mailboxes.put', { delayMs: 6_000 }))
  const bus = network.connect('a')
  const mailbox = someRole()
  await expect(settled(clock, post(bus, mailbox, 'm'))).rejects.toBeInstanceOf(AmbiguousError)
  expect(await bus.mailboxes.depth(mailbox)).toBe(0)
  await pass(clock, 1_000)
  expect(await bus.mailboxes.depth(mailbox)).toBe(1)
})

test('an unanswered read is unavailable', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.read', { unanswered: true }))
  const { records } = network.connect('a')
  await expect(settled(clock, records.read('r.a'))).rejects.toBeInstanceOf(UnavailableError)
})

test('a refusal may be lost as well', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', {}, { unanswered: true }))
  const { records } = network.connect('a')
  await records.append('r.a', bytes('1'), 0)
  await expect(settled(clock, records.append('r.a', bytes('2'), 0))).rejects.toBeInstanceOf(AmbiguousError)
  expect(await records.history('r.a')).toHaveLength(1)
})

test('a forgotten dedup stores the message again', async () => {
  const { network } = virtualNetwork(faultsOf('mailboxes.put', {}, { forgotten: true }))
  const { mailboxes } = network.connect('a')
  const mailbox = someRole()
  const dedup = unique()
  for (const depth of [1, 2, 2]) {
    await mailboxes.put(mailbox, frame('m'), { dedup })
    expect(await mailboxes.depth(mailbox)).toBe(depth)
  }
})

test('a stale read lacks the newest entry', async () => {
  const { network } = virtualNetwork(({ kind }) => ({ stale: kind === 'read' }))
  const { records } = network.connect('a')
  const a1 = await records.append('r.a', bytes('a1'), 0)
  expect(await records.read('r.a')).toBeUndefined()
  await records.append('r.b', bytes('b1'), 0)
  await records.append('r.a', bytes('a2'), a1)
  const entry = await records.read('r.a')
  expect(entry && text(entry.value)).toBe('a1')
  expect((await records.history('r')).map(({ value }) => text(value))).toEqual(['a1', 'b1'])
  expect((await records.latest('r')).map(({ value }) => text(value))).toEqual(['a1', 'b1'])
  expect(await records.latest('nothing')).toEqual([])
})

test('a watch stays in order, however long each entry is on its way', async () => {
  const delays = [{ delayMs: 50 }, { delayMs: 10 }, {}, { delayMs: 90 }, { delayMs: 5 }]
  const { clock, network } = virtualNetwork(faultsOf('records.watch', {}, ...delays))
  const { records } = network.connect('a')
  const watch = await records.watch('r')
  for (let index = 0; index < 6; index++) await records.append(`r.k${index}`, bytes(`${index}`), 0)
  const seen = await settled(clock, first(6, watch))
  expect(seen.map(({ value }) => text(value))).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(clock.now()).toBe(90)
})

test('a delayed signal does not come after its subscription was closed', async () => {
  const { clock, network } = virtualNetwork(faultsOf('signals.publish', { delayMs: 10 }))
  const { signals } = network.connect('a')
  const subscription = await signals.subscribe('s')
  const iterator = subscription[Symbol.asyncIterator]()
  signals.publish('s', frame('late'))
  subscription.close()
  await pass(clock, 10)
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

test('leaving while requests are under way answers them', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { delayMs: 10, answerMs: 10 }))
  const bus = network.connect('a')
  const append = bus.records.append('r.a', bytes('1'), 0)
  await quiet()
  await bus.close()
  expect(await settled(clock, append)).toBe(1)
})

test('a network that is not asked for faults has none', async () => {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('a')
  const waiting = (await bus.mailboxes.reader(someRole(), { prefetch: 1 })).next(new AbortController().signal)
  assert(clock.due() === undefined)
  await expectSilence(clock, waiting)
})
