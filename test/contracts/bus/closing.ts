import { expect, test } from 'vitest'
import { blobHashSchema } from '../../../protocols/ids.ts'
import type { Bus } from '../../../src/bus/bus.ts'
import { UnavailableError } from '../../../src/bus/errors.ts'
import {
  bytes,
  client,
  first,
  frame,
  type MakeBus,
  pair,
  post,
  somePeer,
  someRole,
  take,
  text,
  unique,
  until,
} from './harness.ts'

const LEASE = { key: 'peer.gone', epoch: 1, revision: 1 }
const HASH = blobHashSchema.parse('0'.repeat(64))

const CALLS: [string, (bus: Bus) => unknown][] = [
  ['signals.publish', (bus) => bus.signals.publish(unique(), frame('x'))],
  ['signals.subscribe', (bus) => bus.signals.subscribe(unique())],
  ['mailboxes.put', (bus) => post(bus, someRole(), 'x')],
  ['mailboxes.reader', (bus) => bus.mailboxes.reader(someRole(), { prefetch: 1 })],
  ['mailboxes.depth', (bus) => bus.mailboxes.depth(someRole())],
  ['mailboxes.waiting', (bus) => bus.mailboxes.waiting()],
  ['mailboxes.sweep', (bus) => bus.mailboxes.sweep(() => true)],
  ['mailboxes.tap', (bus) => bus.mailboxes.tap()],
  ['records.read', (bus) => bus.records.read(unique())],
  ['records.append', (bus) => bus.records.append(unique(), bytes('x'), 0)],
  ['records.history', (bus) => bus.records.history(unique())],
  ['records.latest', (bus) => bus.records.latest(unique())],
  ['records.watch', (bus) => bus.records.watch(unique())],
  ['records.purge', (bus) => bus.records.purge(unique())],
  ['leases.acquire', (bus) => bus.leases.acquire(unique(), 'x')],
  ['leases.renew', (bus) => bus.leases.renew(LEASE, 'x')],
  ['leases.release', (bus) => bus.leases.release(LEASE)],
  ['leases.list', (bus) => bus.leases.list(unique())],
  ['blobs.put', (bus) => bus.blobs.put(bytes('x'))],
  ['blobs.get', (bus) => bus.blobs.get(HASH)],
  ['blobs.list', (bus) => bus.blobs.list()],
  ['blobs.remove', (bus) => bus.blobs.remove(HASH)],
]

export function closingContract(makeBus: MakeBus): void {
  test('ends readers, watches, subscriptions and taps', async ({ signal }) => {
    const bus = await client(makeBus)
    const reader = await bus.mailboxes.reader(someRole(), { prefetch: 1 })
    const waiting = reader.next(signal)
    const endless = [
      until(() => false, await bus.signals.subscribe(unique())),
      until(() => false, await bus.records.watch(unique())),
      until(() => false, await bus.mailboxes.tap()),
    ]
    await bus.close()
    expect(await waiting).toBeUndefined()
    expect(await Promise.all(endless)).toEqual([[], [], []])
    expect(await reader.next(signal)).toBeUndefined()
  })

  test('is done once, however often it is asked for', async () => {
    const bus = await client(makeBus)
    await Promise.all([bus.close(), bus.close()])
    await bus.close()
  })

  test('makes every later call unavailable', async () => {
    const bus = await client(makeBus)
    await bus.close()
    for (const [name, call] of CALLS) {
      await expect(async () => call(bus), name).rejects.toBeInstanceOf(UnavailableError)
    }
  })

  test('sends what was published before', async () => {
    const [leaving, staying] = await pair(makeBus)
    const subject = unique()
    const subscription = await staying.signals.subscribe(subject)
    leaving.signals.publish(subject, frame('goodbye'))
    await leaving.close()
    const [signal] = await first(1, subscription)
    expect(signal && text(signal.frame.body)).toBe('goodbye')
  })

  test('gives what was not acknowledged to somebody else', async ({ signal }) => {
    const [leaving, staying] = await pair(makeBus, { ackWaitMs: 1_000 })
    const mailbox = somePeer()
    await post(staying, mailbox, 'work')
    const reader = await leaving.mailboxes.reader(mailbox, { prefetch: 1 })
    await take(reader, signal)
    await leaving.close()
    const heir = await staying.mailboxes.reader(mailbox, { prefetch: 1 })
    const delivery = await take(heir, signal)
    expect(text(delivery.frame.body)).toBe('work')
    expect(delivery.attempt).toBe(2)
  })
}
