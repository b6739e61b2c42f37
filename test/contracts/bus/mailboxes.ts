import { assert, expect, test } from 'vitest'
import { MailboxFullError, TooLargeError } from '../../../src/bus/errors.ts'
import {
  bytes,
  client,
  frame,
  type MakeBus,
  POLL,
  pair,
  post,
  somePeer,
  someRole,
  take,
  text,
  unique,
  until,
} from './harness.ts'

/** What is put into a mailbox. How it is read is the readers' contract. */
export function mailboxesContract(makeBus: MakeBus): void {
  test('keep what is put before anybody reads', async ({ signal }) => {
    const [sender, receiver] = await pair(makeBus)
    const mailbox = someRole()
    await post(sender, mailbox, 'work')
    const reader = await receiver.mailboxes.reader(mailbox, { prefetch: 1 })
    const delivery = await take(reader, signal)
    expect(text(delivery.frame.body)).toBe('work')
    expect(delivery.attempt).toBe(1)
  })

  test('keep headers and bytes as they were written', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = somePeer()
    const headers = {
      'Skein-Type': 'task.request',
      lower: 'a: b; {"json": [1, 2]}',
      UPPER: 'Grüße ✓',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const body = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
    await bus.mailboxes.put(mailbox, { headers, body }, { dedup: unique() })
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    const delivery = await take(reader, signal)
    expect(delivery.frame.headers).toEqual(headers)
    expect([...delivery.frame.body]).toEqual([...body])
  })

  test('keep a copy: the sender may use its bytes again', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = somePeer()
    const body = bytes('before')
    await bus.mailboxes.put(mailbox, { headers: {}, body }, { dedup: unique() })
    body.fill(0)
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    expect(text((await take(reader, signal)).frame.body)).toBe('before')
  })

  test('are apart: a role and a peer of one name share nothing', async () => {
    const bus = await client(makeBus)
    const peer = somePeer()
    assert(peer.kind === 'peer')
    await post(bus, peer, 'mail')
    expect(await bus.mailboxes.depth({ kind: 'role', role: peer.peer as never })).toBe(0)
    expect(await bus.mailboxes.depth(peer)).toBe(1)
  })

  test('store a message that is put twice once', async () => {
    const [one, other] = await pair(makeBus)
    const mailbox = someRole()
    const dedup = `${unique()}/a>b/c#1 any text`
    await one.mailboxes.put(mailbox, frame('first'), { dedup })
    await one.mailboxes.put(mailbox, frame('first'), { dedup })
    await other.mailboxes.put(mailbox, frame('first'), { dedup })
    expect(await one.mailboxes.depth(mailbox)).toBe(1)
  })

  test('store a duplicate once when it is put while the first put is under way', async () => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    const dedup = unique()
    await Promise.all([1, 2, 3, 4].map(() => bus.mailboxes.put(mailbox, frame('same'), { dedup })))
    expect(await bus.mailboxes.depth(mailbox)).toBe(1)
  })

  test('remember a duplicate after it was acknowledged', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    const dedup = unique()
    await bus.mailboxes.put(mailbox, frame('once'), { dedup })
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await (await take(reader, signal)).ack()
    await expect.poll(() => bus.mailboxes.depth(mailbox), POLL).toBe(0)
    await bus.mailboxes.put(mailbox, frame('once'), { dedup })
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
  })

  test('store a message that is forwarded under another dedup in both mailboxes', async () => {
    const bus = await client(makeBus)
    const [here, there] = [somePeer(), somePeer()]
    const id = unique()
    await bus.mailboxes.put(here, frame('m'), { dedup: `${id}@here` })
    await bus.mailboxes.put(there, frame('m'), { dedup: `${id}@there` })
    expect(await bus.mailboxes.depth(here)).toBe(1)
    expect(await bus.mailboxes.depth(there)).toBe(1)
  })

  test('forget a dedup once its window has passed', async () => {
    const bus = await client(makeBus, { dedupWindowMs: 100 })
    const mailbox = someRole()
    const dedup = unique()
    const depth = async () => {
      await bus.mailboxes.put(mailbox, frame('again'), { dedup })
      return bus.mailboxes.depth(mailbox)
    }
    await expect.poll(depth, POLL).toBe(2)
  })

  test('know their depth: what is stored and not acknowledged', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
    await Promise.all(['a', 'b', 'c'].map((body) => post(bus, mailbox, body)))
    expect(await bus.mailboxes.depth(mailbox)).toBe(3)
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 2 })
    const taken = await take(reader, signal)
    expect(await bus.mailboxes.depth(mailbox)).toBe(3)
    await taken.ack()
    await expect.poll(() => bus.mailboxes.depth(mailbox), POLL).toBe(2)
  })

  test('refuse what is over their capacity, and take more once there is room', async ({ signal }) => {
    const bus = await client(makeBus, { mailboxCapacity: 2 })
    const [full, empty] = [someRole(), someRole()]
    await post(bus, full, 'a')
    await post(bus, full, 'b')
    await expect(post(bus, full, 'c')).rejects.toBeInstanceOf(MailboxFullError)
    await post(bus, empty, 'another mailbox has its own capacity')

    const reader = await bus.mailboxes.reader(full, { prefetch: 1 })
    await (await take(reader, signal)).ack()
    await expect.poll(() => bus.mailboxes.depth(full), POLL).toBe(1)
    await post(bus, full, 'c')
    expect(await bus.mailboxes.depth(full)).toBe(2)
  })

  test('store a refused message when it is put again', async ({ signal }) => {
    const bus = await client(makeBus, { mailboxCapacity: 1 })
    const mailbox = someRole()
    const dedup = unique()
    await post(bus, mailbox, 'in the way')
    await expect(bus.mailboxes.put(mailbox, frame('late'), { dedup })).rejects.toBeInstanceOf(
      MailboxFullError,
    )
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await (await take(reader, signal)).ack()
    await expect.poll(() => bus.mailboxes.depth(mailbox), POLL).toBe(0)
    await bus.mailboxes.put(mailbox, frame('late'), { dedup })
    expect(text((await take(reader, signal)).frame.body)).toBe('late')
  })

  test('refuse a frame that is too large', async () => {
    const bus = await client(makeBus, { maxPayloadBytes: 65_536 })
    const mailbox = someRole()
    const put = bus.mailboxes.put(mailbox, { headers: {}, body: new Uint8Array(70_000) }, { dedup: unique() })
    await expect(put).rejects.toBeInstanceOf(TooLargeError)
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
  })

  test('take the dead letters', async ({ signal }) => {
    const bus = await client(makeBus)
    const body = unique()
    await bus.mailboxes.put({ kind: 'dead' }, frame(body, { reason: 'invalid' }), { dedup: unique() })
    const reader = await bus.mailboxes.reader({ kind: 'dead' }, { prefetch: 1 })
    let letter = await take(reader, signal)
    for (; text(letter.frame.body) !== body; letter = await take(reader, signal)) await letter.ack()
    expect(letter.frame.headers).toEqual({ reason: 'invalid' })
  })

  test('show what is put into any of them to a tap, and keep it for the readers', async () => {
    const [watcher, sender] = await pair(makeBus)
    const [role, peer] = [someRole(), somePeer()]
    await post(sender, role, 'before the tap')
    const tap = await watcher.mailboxes.tap()
    await sender.mailboxes.put(role, frame('one', { Name: 'Value' }), { dedup: unique() })
    await post(sender, peer, 'two')
    const seen = await until((item) => text(item.frame.body) === 'two', tap)
    expect(seen.map((item) => [item.mailbox, text(item.frame.body)])).toEqual([
      [role, 'one'],
      [peer, 'two'],
    ])
    expect(seen[0]?.frame.headers).toEqual({ Name: 'Value' })
    expect(await sender.mailboxes.depth(role)).toBe(2)
    expect(await sender.mailboxes.depth(peer)).toBe(1)
  })
}
