import { expect, test } from 'vitest'
import { AmbiguousError } from '../../../src/bus/errors.ts'
import { bytes, first, frame, post, someRole, take, text } from '../../contracts/bus/harness.ts'
import { expectSilence, faultsOf, pass, quiet, settled, virtualNetwork } from './virtual.ts'

test('a client that sleeps is told nothing, and everything when it wakes', async ({ signal }) => {
  const { network } = virtualNetwork()
  const [sleeper, other] = [network.connect('sleeper'), network.connect('other')]
  const mailbox = someRole()
  const told: string[] = []
  const reader = await sleeper.mailboxes.reader(mailbox, { prefetch: 1 })
  const watch = await sleeper.records.watch('r')
  const subscription = await sleeper.signals.subscribe('s')
  void take(reader, signal).then((delivery) => told.push(`delivery ${text(delivery.frame.body)}`))
  void first(1, watch).then(([entry]) => told.push(`entry ${text(entry!.value)}`))
  void first(2, subscription).then((signals) => told.push(`${signals.length} signals`))
  await quiet()

  network.pause('sleeper')
  void sleeper.records.read('r.none').then(() => told.push('answer'))
  other.signals.publish('s', frame('1'))
  await post(other, mailbox, 'm')
  await other.records.append('r.a', bytes('a'), 0)
  other.signals.publish('s', frame('2'))
  await quiet()
  expect(told).toEqual([])

  network.resume('sleeper')
  await quiet()
  expect(told.sort()).toEqual(['2 signals', 'answer', 'delivery m', 'entry a'])
})

test('what came while a client slept is handed to it in that order', async () => {
  const { network } = virtualNetwork()
  const [sleeper, other] = [network.connect('sleeper'), network.connect('other')]
  const watch = await sleeper.records.watch('r')
  network.pause('sleeper')
  for (const key of ['a', 'b', 'c']) await other.records.append(`r.${key}`, bytes(key), 0)
  network.resume('sleeper')
  await other.records.append('r.d', bytes('d'), 0)
  expect((await first(4, watch)).map(({ value }) => text(value))).toEqual(['a', 'b', 'c', 'd'])
})

test('what a client asked for before it fell asleep is carried out', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { delayMs: 10 }))
  const [sleeper, other] = [network.connect('sleeper'), network.connect('other')]
  const append = sleeper.records.append('r.a', bytes('1'), 0)
  await quiet()
  network.pause('sleeper')
  await pass(clock, 10)
  expect(await other.records.read('r.a')).toMatchObject({ revision: 1 })
  await expectSilence(clock, append)
  network.resume('sleeper')
  expect(await append).toBe(1)
})

test('a request whose time runs out while its client sleeps fails when it wakes', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { answerMs: 6_000 }))
  const sleeper = network.connect('sleeper')
  const append = sleeper.records.append('r.a', bytes('1'), 0)
  await quiet()
  network.pause('sleeper')
  await expectSilence(clock, append)
  network.resume('sleeper')
  await expect(append).rejects.toBeInstanceOf(AmbiguousError)
})

test('others get what a client was delivered in its sleep, when the ack wait is over', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const [sleeper, other] = [network.connect('sleeper'), network.connect('other')]
  const mailbox = someRole()
  const waiting = take(await sleeper.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  network.pause('sleeper')
  await post(other, mailbox, 'm')
  const reader = await other.mailboxes.reader(mailbox, { prefetch: 1 })
  expect((await settled(clock, take(reader, signal))).attempt).toBe(2)
  expect(clock.now()).toBe(30_000)
  network.resume('sleeper')
  expect((await waiting).attempt).toBe(1)
})

test('a client that crashes in its sleep is told nothing any more', async ({ signal }) => {
  const { clock, network } = virtualNetwork()
  const [sleeper, other] = [network.connect('sleeper'), network.connect('other')]
  const mailbox = someRole()
  const waiting = take(await sleeper.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  network.pause('sleeper')
  await post(other, mailbox, 'm')
  network.crash('sleeper')
  network.resume('sleeper')
  await expectSilence(clock, waiting)
})

test('pausing twice and waking somebody who is awake does nothing', async () => {
  const { network } = virtualNetwork()
  const bus = network.connect('a')
  network.resume('a')
  network.pause('a')
  network.pause('a')
  const read = bus.records.read('r.a')
  network.resume('a')
  expect(await read).toBeUndefined()
  network.pause('nobody')
  network.resume('nobody')
})
