import { assert, expect, test } from 'vitest'
import { MailboxFullError, TooLargeError } from '../../../src/bus/errors.ts'
import {
  bytes,
  client,
  frame,
  type MakeBus,
  open,
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

  test('refuse what opens something over their capacity, and take more once there is room', async ({
    signal,
  }) => {
    const bus = await client(makeBus, { mailboxCapacity: 2 })
    const [full, empty] = [someRole(), someRole()]
    await open(bus, full, 'a')
    await open(bus, full, 'b')
    await expect(open(bus, full, 'c')).rejects.toBeInstanceOf(MailboxFullError)
    await open(bus, empty, 'another mailbox has its own capacity')

    const reader = await bus.mailboxes.reader(full, { prefetch: 1 })
    await (await take(reader, signal)).ack()
    await expect.poll(() => bus.mailboxes.depth(full), POLL).toBe(1)
    await open(bus, full, 'c')
    expect(await bus.mailboxes.depth(full)).toBe(2)
  })

  test('keep their capacity exactly when many are put at once', async () => {
    const buses = await pair(makeBus, { mailboxCapacity: 5 })
    const mailbox = someRole()
    const puts = Array.from({ length: 12 }, (_, index) => open(buses[index % 2]!, mailbox, `${index}`))
    const refused = (await Promise.allSettled(puts)).filter((put) => put.status === 'rejected')
    for (const { reason } of refused) expect(reason).toBeInstanceOf(MailboxFullError)
    expect(refused).toHaveLength(7)
    expect(await buses[0].mailboxes.depth(mailbox)).toBe(5)
  })

  test('refuse nothing that opens nothing, and bring it all', async ({ signal }) => {
    const bus = await client(makeBus, { mailboxCapacity: 2 })
    const mailbox = someRole()
    await open(bus, mailbox, 'opening 1')
    await open(bus, mailbox, 'opening 2')
    const bodies = Array.from({ length: 7 }, (_, index) => `answer ${index}`)
    await Promise.all(bodies.map((body) => post(bus, mailbox, body)))
    await expect(open(bus, mailbox, 'opening 3')).rejects.toBeInstanceOf(MailboxFullError)
    expect(await bus.mailboxes.depth(mailbox)).toBe(9)

    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 3 })
    const taken: string[] = []
    while (taken.length < 9) {
      const delivery = await take(reader, signal)
      taken.push(text(delivery.frame.body))
      await delivery.ack()
    }
    expect(taken.sort()).toEqual([...bodies, 'opening 1', 'opening 2'])
    await expect.poll(() => bus.mailboxes.depth(mailbox), POLL).toBe(0)
  })

  test('do not count against their capacity what opens nothing', async () => {
    const bus = await client(makeBus, { mailboxCapacity: 1 })
    const mailbox = someRole()
    await post(bus, mailbox, 'answer 1')
    await post(bus, mailbox, 'answer 2')
    await open(bus, mailbox, 'opening')
    expect(await bus.mailboxes.depth(mailbox)).toBe(3)
  })

  test('store once what is put twice, however many wait', async () => {
    const bus = await client(makeBus, { mailboxCapacity: 1 })
    const mailbox = somePeer()
    await post(bus, mailbox, 'in front')
    const dedup = unique()
    for (let count = 0; count < 3; count++) await bus.mailboxes.put(mailbox, frame('same'), { dedup })
    expect(await bus.mailboxes.depth(mailbox)).toBe(2)
  })

  test('store a refused message when it is put again', async ({ signal }) => {
    const bus = await client(makeBus, { mailboxCapacity: 1 })
    const mailbox = someRole()
    const putLate = { dedup: unique(), opens: true }
    await open(bus, mailbox, 'in the way')
    await expect(bus.mailboxes.put(mailbox, frame('late'), putLate)).rejects.toBeInstanceOf(MailboxFullError)
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await (await take(reader, signal)).ack()
    await expect.poll(() => bus.mailboxes.depth(mailbox), POLL).toBe(0)
    await bus.mailboxes.put(mailbox, frame('late'), putLate)
    expect(text((await take(reader, signal)).frame.body)).toBe('late')
  })

  test('are told, each that holds mail with its depth', async ({ signal }) => {
    const [sender, watcher] = await pair(makeBus, { mailboxCapacity: 2 })
    const [role, peer, emptied] = [someRole(), somePeer(), someRole()]
    expect(await watcher.mailboxes.waiting()).toEqual([])
    await open(sender, role, 'a')
    for (const body of ['b', 'c', 'd']) await post(sender, role, body)
    for (const mailbox of [peer, emptied]) await post(sender, mailbox, 'e')
    await take(await watcher.mailboxes.reader(peer, { prefetch: 1 }), signal)
    await (await take(await watcher.mailboxes.reader(emptied, { prefetch: 1 }), signal)).ack()

    const waiting = async () => new Set(await watcher.mailboxes.waiting())
    const expected = [
      { mailbox: role, depth: 4 },
      { mailbox: peer, depth: 1 },
    ]
    await expect.poll(waiting, POLL).toEqual(new Set(expected))
  })

  test('are swept of what is waste, and keep the rest', async ({ signal }) => {
    const [sender, sweeper] = await pair(makeBus, { mailboxCapacity: 2 })
    const [role, peer] = [someRole(), somePeer()]
    for (const body of ['keep 1', 'waste 1', 'waste 2', 'keep 2']) await post(sender, role, body)
    await open(sender, role, 'waste 3')
    await sender.mailboxes.put(peer, frame('waste 4', { Name: 'Value' }), { dedup: unique() })

    const seen: unknown[] = []
    const removed = await sweeper.mailboxes.sweep((mailbox, { headers, body }) => {
      if (mailbox.kind === 'peer') seen.push([mailbox, headers])
      return text(body).startsWith('waste')
    })
    expect(removed).toBe(4)
    expect(seen).toEqual([[peer, { Name: 'Value' }]])
    expect(await sweeper.mailboxes.waiting()).toEqual([{ mailbox: role, depth: 2 }])
    const reader = await sender.mailboxes.reader(role, { prefetch: 2 })
    const left = [await take(reader, signal), await take(reader, signal)]
    expect(left.map(({ frame }) => text(frame.body)).sort()).toEqual(['keep 1', 'keep 2'])
    expect(await sweeper.mailboxes.sweep(() => false)).toBe(0)
  })

  test('are swept of what was delivered, which does not come again', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await post(bus, mailbox, 'waste')
    const swept = await take(reader, signal)
    expect(await bus.mailboxes.sweep(() => true)).toBe(1)
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
    await swept.retry(0)
    await post(bus, mailbox, 'fresh')
    const next = await take(reader, signal)
    expect([text(next.frame.body), next.attempt]).toEqual(['fresh', 1])
    await swept.ack()
    expect(await bus.mailboxes.depth(mailbox)).toBe(1)
  })

  test('refuse a frame that is too large', async () => {
    const bus = await client(makeBus, { maxPayloadBytes: 65_536 })
    const mailbox = someRole()
    const put = bus.mailboxes.put(mailbox, { headers: {}, body: new Uint8Array(70_000) }, { dedup: unique() })
    await expect(put).rejects.toBeInstanceOf(TooLargeError)
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
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
