import { expect, test } from 'vitest'
import { AmbiguousError, UnavailableError } from '../../../src/bus/errors.ts'
import { bytes, first, frame, post, someRole, take, text } from '../../contracts/bus/harness.ts'
import { faultsOf, pass, quiet, settled, virtualNetwork } from './virtual.ts'

test('requests of a client that is cut off are not answered and not carried out', async () => {
  const { clock, network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  network.cut('far')
  await expect(settled(clock, far.records.append('r.a', bytes('1'), 0))).rejects.toBeInstanceOf(
    AmbiguousError,
  )
  await expect(settled(clock, far.records.read('r.a'))).rejects.toBeInstanceOf(UnavailableError)
  network.heal('far')
  expect(await far.records.read('r.a')).toBeUndefined()
  expect(await near.records.read('r.a')).toBeUndefined()
})

test('an answer that a cut overtakes is lost', async () => {
  const { clock, network } = virtualNetwork(faultsOf('records.append', { answerMs: 10 }))
  const far = network.connect('far')
  const append = far.records.append('r.a', bytes('1'), 0)
  await quiet()
  network.cut('far')
  await expect(settled(clock, append)).rejects.toBeInstanceOf(AmbiguousError)
  network.heal('far')
  expect(await far.records.read('r.a')).toMatchObject({ revision: 1 })
})

test('signals pass a client that is cut off by, both ways', async () => {
  const { network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  const [atFar, atNear] = [await far.signals.subscribe('s'), await near.signals.subscribe('s')]
  network.cut('far')
  far.signals.publish('s', frame('from far'))
  near.signals.publish('s', frame('from near'))
  network.heal('far')
  near.signals.publish('s', frame('later'))
  expect((await first(2, atNear)).map((item) => text(item.frame.body))).toEqual(['from near', 'later'])
  expect((await first(1, atFar)).map((item) => text(item.frame.body))).toEqual(['later'])
})

test('a reader that was cut off goes on when it is reached again', async ({ signal }) => {
  const { network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  const mailbox = someRole()
  const waiting = take(await far.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  network.cut('far')
  await post(near, mailbox, 'm')
  network.heal('far')
  expect((await waiting).attempt).toBe(1)
})

test('others take what a client that is cut off waited for, and what it could not acknowledge', async ({
  signal,
}) => {
  const { clock, network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  const mailbox = someRole()
  await post(near, mailbox, 'm1')
  const atFar = await far.mailboxes.reader(mailbox, { prefetch: 2 })
  const held = await take(atFar, signal)
  const waiting = atFar.next(signal)
  network.cut('far')
  await held.ack()
  await post(near, mailbox, 'm2')
  const atNear = await near.mailboxes.reader(mailbox, { prefetch: 2 })
  expect(text((await take(atNear, signal)).frame.body)).toBe('m2')
  const again = await settled(clock, take(atNear, signal))
  expect([text(again.frame.body), again.attempt, clock.now()]).toEqual(['m1', 2, 30_000])
  await atFar.close()
  expect(await waiting).toBeUndefined()
})

test('a delivery that a cut overtakes comes again after the ack wait', async ({ signal }) => {
  const { clock, network } = virtualNetwork(faultsOf('reader.next', { delayMs: 10 }))
  const [far, near] = [network.connect('far'), network.connect('near')]
  const mailbox = someRole()
  await post(near, mailbox, 'm')
  const waiting = take(await far.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  network.cut('far')
  await pass(clock, 10)
  network.heal('far')
  expect((await settled(clock, waiting)).attempt).toBe(2)
  expect(clock.now()).toBe(30_000)
})

test('a watch gets what it missed', async () => {
  const { network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  const revision = await near.records.append('r.a', bytes('a1'), 0)
  const watch = await far.records.watch('r')
  network.cut('far')
  await near.records.append('r.a', bytes('a2'), revision)
  await near.records.append('other', bytes('x'), 0)
  await near.records.append('r.b', bytes('b1'), 0)
  network.heal('far')
  await near.records.append('r.c', bytes('c1'), 0)
  expect((await first(4, watch)).map(({ value }) => text(value))).toEqual(['a1', 'a2', 'b1', 'c1'])
})

test('a client that leaves while it is cut off gives nothing back before the ack wait', async ({
  signal,
}) => {
  const { clock, network } = virtualNetwork()
  const [far, near] = [network.connect('far'), network.connect('near')]
  const mailbox = someRole()
  await post(near, mailbox, 'm')
  await take(await far.mailboxes.reader(mailbox, { prefetch: 1 }), signal)
  network.cut('far')
  await far.close()
  await settled(clock, take(await near.mailboxes.reader(mailbox, { prefetch: 1 }), signal))
  expect(clock.now()).toBe(30_000)
})
