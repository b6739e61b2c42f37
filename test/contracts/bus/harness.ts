/** What the contracts of the bus share: a network to open, names nobody else uses, and short ways to say things. */
import { assert, onTestFinished } from 'vitest'
import { peerId, roleName } from '../../../protocols/ids.ts'
import type { Bus } from '../../../src/bus/bus.ts'
import type { Frame } from '../../../src/bus/frame.ts'
import type { Delivery, Mailbox, Reader } from '../../../src/bus/mailboxes.ts'
import { systemRandom } from '../../../src/time/random.ts'

/** What a test may ask of its network. What is left out is the adapter's default. */
export type NetworkOptions = {
  /** Time until an unacknowledged delivery is delivered again. */
  readonly ackWaitMs?: number
  /** Never below 1,000: NATS has no shorter one. */
  readonly leaseTtlMs?: number
  /** Never below 100: NATS has no shorter one. */
  readonly dedupWindowMs?: number
  /** Messages that open something, in each mailbox. */
  readonly mailboxCapacity?: number
  /** The largest frame or record. */
  readonly maxPayloadBytes?: number
}

export type TestNetwork = {
  /** Another client of the same network. */
  connect(): Promise<Bus>
  /** Closes every client and frees the network. */
  dispose(): Promise<void>
}

export type MakeBus = (options?: NetworkOptions) => Promise<TestNetwork>

/** A network for one test with `count` clients, disposed of when the test is over. */
export async function connected(makeBus: MakeBus, count: number, options?: NetworkOptions): Promise<Bus[]> {
  const network = await makeBus(options)
  onTestFinished(() => network.dispose())
  return Promise.all(Array.from({ length: count }, () => network.connect()))
}

/** One client, for tests that need no second. */
export async function client(makeBus: MakeBus, options?: NetworkOptions): Promise<Bus> {
  const [bus] = await connected(makeBus, 1, options)
  assert(bus)
  return bus
}

/** Two clients. */
export async function pair(makeBus: MakeBus, options?: NetworkOptions): Promise<[Bus, Bus]> {
  const [one, other] = await connected(makeBus, 2, options)
  assert(one && other)
  return [one, other]
}

/** A name that no other test has. */
export const unique = (): string => `t${systemRandom().hex(6)}`

export const someRole = (): Mailbox => ({ kind: 'role', role: roleName(unique()) })
export const somePeer = (): Mailbox => ({ kind: 'peer', peer: peerId(unique()) })

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (value: Uint8Array): string => new TextDecoder().decode(value)
export const frame = (body: string, headers: Record<string, string> = {}): Frame => ({
  headers,
  body: bytes(body),
})

/** Puts a frame that is no duplicate of any other. */
export const post = (bus: Bus, mailbox: Mailbox, body: string): Promise<void> =>
  bus.mailboxes.put(mailbox, frame(body), { dedup: unique() })

/** Puts one that opens something. */
export const open = (bus: Bus, mailbox: Mailbox, body: string): Promise<void> =>
  bus.mailboxes.put(mailbox, frame(body), { dedup: unique(), opens: true })

/** The next delivery of a reader that is sure to have one. The signal is the test's own: it aborts at its timeout. */
export async function take(reader: Reader, signal: AbortSignal): Promise<Delivery> {
  const delivery = await reader.next(signal)
  assert(delivery, 'the reader ended')
  return delivery
}

/** The first `count` items. Leaving the loop ends the iteration, so once for each iterable. */
export async function first<T>(count: number, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}

/** Items until `last` says so, that one included. */
export async function until<T>(last: (item: T) => boolean, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (last(item)) break
  }
  return taken
}

/** How often a test asks again for what needs time, such as an expiry. */
export const POLL = { interval: 50, timeout: 15_000 }
