import { expect, test } from 'vitest'
import { TooLargeError } from '../../../src/bus/errors.ts'
import { client, connected, first, frame, type MakeBus, text, unique, until } from './harness.ts'

export function signalsContract(makeBus: MakeBus): void {
  test('reach every subscriber, the publisher too', async () => {
    const buses = await connected(makeBus, 3)
    const subject = `${unique()}.news`
    const subscriptions = await Promise.all(buses.map((bus) => bus.signals.subscribe(subject)))
    buses[0]?.signals.publish(subject, frame('hello'))
    for (const subscription of subscriptions) {
      const [signal] = await first(1, subscription)
      expect(signal?.subject).toBe(subject)
      expect(signal && text(signal.frame.body)).toBe('hello')
    }
  })

  test.each([
    ['*.state', ['a.state', 'b.state']],
    ['a.*', ['a.state', 'a.other']],
    ['>', ['a.state', 'a.other', 'b.state', 'a.state.more', 'end']],
    ['a.>', ['a.state', 'a.other', 'a.state.more']],
    ['a.state', ['a.state']],
  ])('match the pattern %s token by token', async (pattern, expected) => {
    const bus = await client(makeBus)
    const root = unique()
    const subscription = await bus.signals.subscribe(`${root}.${pattern}`)
    for (const subject of ['a.state', 'a.other', 'b.state', 'a.state.more', 'end']) {
      bus.signals.publish(`${root}.${subject}`, frame(subject))
    }
    bus.signals.publish(`${root}.${expected[0]}`, frame('last'))
    const signals = await until((signal) => text(signal.frame.body) === 'last', subscription)
    expect(signals.map((signal) => text(signal.frame.body)).sort()).toEqual([...expected, 'last'].sort())
  })

  test('published before a subscription are not seen by it', async () => {
    const bus = await client(makeBus)
    const subject = unique()
    bus.signals.publish(subject, frame('early'))
    const subscription = await bus.signals.subscribe(subject)
    bus.signals.publish(subject, frame('late'))
    const [signal] = await first(1, subscription)
    expect(signal && text(signal.frame.body)).toBe('late')
  })

  test('keep their headers and bytes', async () => {
    const bus = await client(makeBus)
    const subject = unique()
    const headers = { 'Skein-Mixed-Case': 'Value', traceparent: '00-ab-cd-01' }
    const body = Uint8Array.from({ length: 256 }, (_, index) => index)
    const subscription = await bus.signals.subscribe(subject)
    bus.signals.publish(subject, { headers, body })
    const [signal] = await first(1, subscription)
    expect(signal?.frame.headers).toEqual(headers)
    expect(signal && [...signal.frame.body]).toEqual([...body])
  })

  test('may be empty', async () => {
    const bus = await client(makeBus)
    const subject = unique()
    const subscription = await bus.signals.subscribe(subject)
    bus.signals.publish(subject, { headers: {}, body: new Uint8Array() })
    const [signal] = await first(1, subscription)
    expect(signal?.frame.headers).toEqual({})
    expect(signal?.frame.body.length).toBe(0)
  })

  test('are refused when they are too large', async () => {
    const bus = await client(makeBus, { maxPayloadBytes: 65_536 })
    const signal = { headers: {}, body: new Uint8Array(70_000) }
    expect(() => bus.signals.publish(unique(), signal)).toThrow(TooLargeError)
  })

  test('end when the subscription is closed', async () => {
    const bus = await client(makeBus)
    const subscription = await bus.signals.subscribe(unique())
    const ended = until(() => false, subscription)
    subscription.close()
    expect(await ended).toEqual([])
  })
}
