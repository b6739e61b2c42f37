import { expect, test } from 'vitest'
import type { Delivery } from '../../../src/bus/mailboxes.ts'
import { client, type MakeBus, POLL, pair, post, someRole, take, text } from './harness.ts'

/** How what is in a mailbox is read, settled and delivered again. */
export function readersContract(makeBus: MakeBus): void {
  test('wait for a message to come', async ({ signal }) => {
    const [sender, receiver] = await pair(makeBus)
    const mailbox = someRole()
    const reader = await receiver.mailboxes.reader(mailbox, { prefetch: 1 })
    const waiting = take(reader, signal)
    await post(sender, mailbox, 'work')
    expect(text((await waiting).frame.body)).toBe('work')
  })

  test('compete: each message goes to one of them', async () => {
    const [one, other] = await pair(makeBus)
    const mailbox = someRole()
    const bodies = Array.from({ length: 20 }, (_, index) => `m${index}`)
    await Promise.all(bodies.map((body) => post(one, mailbox, body)))

    const taken: string[] = []
    const enough = new AbortController()
    const readers = await Promise.all(
      [one, other].map((bus) => bus.mailboxes.reader(mailbox, { prefetch: 4 })),
    )
    await Promise.all(
      readers.map(async (reader) => {
        for (;;) {
          const delivery = await reader.next(enough.signal)
          if (delivery === undefined) return
          taken.push(text(delivery.frame.body))
          await delivery.ack()
          if (taken.length === bodies.length) enough.abort()
        }
      }),
    )
    expect(taken.sort()).toEqual(bodies.sort())
    await expect.poll(() => one.mailboxes.depth(mailbox), POLL).toBe(0)
  })

  test('take no message that was not asked for', async ({ signal }) => {
    const [one, other] = await pair(makeBus)
    const mailbox = someRole()
    await one.mailboxes.reader(mailbox, { prefetch: 10 })
    const asking = await other.mailboxes.reader(mailbox, { prefetch: 10 })
    await Promise.all(['a', 'b', 'c'].map((body) => post(one, mailbox, body)))
    const taken = [await take(asking, signal), await take(asking, signal), await take(asking, signal)]
    expect(taken.map((delivery) => text(delivery.frame.body)).sort()).toEqual(['a', 'b', 'c'])
  })

  test('hold no more unacknowledged deliveries than their prefetch', async ({ signal }) => {
    const [one, other] = await pair(makeBus)
    const mailbox = someRole()
    const bound = await one.mailboxes.reader(mailbox, { prefetch: 2 })
    const free = await other.mailboxes.reader(mailbox, { prefetch: 10 })
    await Promise.all(['a', 'b', 'c'].map((body) => post(one, mailbox, body)))
    const held = [await take(bound, signal), await take(bound, signal)]
    const waiting = take(bound, signal)
    const third = await take(free, signal)
    expect(held.map((delivery) => delivery.attempt)).toEqual([1, 1])
    expect(third.attempt).toBe(1)
    await post(one, mailbox, 'd')
    await held[0]?.ack()
    expect(text((await waiting).frame.body)).toBe('d')
  })

  test('deliver again what is to be retried, with its attempt raised', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    await post(bus, mailbox, 'work')
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    for (const attempt of [1, 2, 3]) {
      const delivery = await take(reader, signal)
      expect(delivery.attempt).toBe(attempt)
      expect(text(delivery.frame.body)).toBe('work')
      await delivery.retry(attempt * 20)
    }
    expect(await bus.mailboxes.depth(mailbox)).toBe(1)
  })

  test('do not let a delayed retry hold up other messages', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await post(bus, mailbox, 'later')
    await (await take(reader, signal)).retry(3_600_000)
    await post(bus, mailbox, 'now')
    expect(text((await take(reader, signal)).frame.body)).toBe('now')
  })

  test('deliver again what nobody acknowledged within the ack wait', async ({ signal }) => {
    const [one, other] = await pair(makeBus, { ackWaitMs: 500 })
    const mailbox = someRole()
    await post(one, mailbox, 'work')
    const silent = await one.mailboxes.reader(mailbox, { prefetch: 1 })
    await take(silent, signal)
    const reader = await other.mailboxes.reader(mailbox, { prefetch: 1 })
    const again = await take(reader, signal)
    expect(again.attempt).toBe(2)
    await again.ack()
    await expect.poll(() => other.mailboxes.depth(mailbox), POLL).toBe(0)
  })

  test('do not deliver again what is still worked on', async ({ signal }) => {
    const [one, other] = await pair(makeBus, { ackWaitMs: 1_000 })
    const mailbox = someRole()
    const busy = await one.mailboxes.reader(mailbox, { prefetch: 2 })
    await post(one, mailbox, 'worked on')
    const workedOn = await take(busy, signal)
    await post(one, mailbox, 'forgotten')
    await take(busy, signal)

    const reader = await other.mailboxes.reader(mailbox, { prefetch: 2 })
    let again: Delivery | undefined
    const waiting = take(reader, signal).then((delivery) => {
      again = delivery
    })
    const redelivered = async () => {
      await workedOn.working()
      return again && text(again.frame.body)
    }
    await expect.poll(redelivered, POLL).toBe('forgotten')
    await waiting
  })

  test('give back what they hold when they are closed', async ({ signal }) => {
    const bus = await client(makeBus, { ackWaitMs: 1_000 })
    const mailbox = someRole()
    await post(bus, mailbox, 'work')
    const leaving = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    await take(leaving, signal)
    await leaving.close()
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    expect((await take(reader, signal)).attempt).toBe(2)
  })

  test('end when they are closed', async ({ signal }) => {
    const bus = await client(makeBus)
    const reader = await bus.mailboxes.reader(someRole(), { prefetch: 1 })
    const waiting = reader.next(signal)
    await reader.close()
    expect(await waiting).toBeUndefined()
    expect(await reader.next(signal)).toBeUndefined()
    await reader.close()
  })

  test('end a wait whose signal is aborted, before or meanwhile', async ({ signal }) => {
    const bus = await client(makeBus)
    const mailbox = someRole()
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    const stop = new AbortController()
    const waiting = reader.next(stop.signal)
    stop.abort()
    expect(await waiting).toBeUndefined()
    await post(bus, mailbox, 'work')
    expect(await reader.next(stop.signal)).toBeUndefined()
    expect(text((await take(reader, signal)).frame.body)).toBe('work')
  })

  test('lose no message to a wait that is aborted as it comes', async ({ signal }) => {
    const [sender, receiver] = await pair(makeBus)
    const mailbox = someRole()
    const reader = await receiver.mailboxes.reader(mailbox, { prefetch: 30 })
    const bodies = Array.from({ length: 20 }, (_, index) => `m${index}`)
    const taken = new Set<string>()
    const settle = async (delivery: Delivery | undefined) => {
      if (delivery === undefined) return
      taken.add(text(delivery.frame.body))
      await delivery.ack()
    }
    for (const body of bodies) {
      const stop = new AbortController()
      const waiting = reader.next(stop.signal)
      await post(sender, mailbox, body)
      stop.abort()
      await settle(await waiting)
    }
    while (taken.size < bodies.length) await settle(await take(reader, signal))
    expect([...taken].sort()).toEqual(bodies.sort())
  })
}
