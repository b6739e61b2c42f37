/**
 * One reader of a mailbox: asks the mailbox's consumer for messages when somebody waits for one, and keeps count of
 * what it holds.
 *
 * 1. Nothing is asked for unless a `next` waits. Only a reader that was told to reads ahead, and only of what the
 *    server said is there.
 * 2. Asked for, read ahead and handed out are together never more than the prefetch.
 * 3. What arrives when nobody waits any more goes back at once; so does, on closing, what was read ahead.
 * 4. What is held for longer than the ack wait is no longer ours: the server delivers it again.
 * 5. When nobody waits any more, what was asked for is taken back. A server older than 2.10.16 mistakes a request that
 *    was taken back for the one beside it, or forgets a redelivery over it; in a cluster the consumer's server hears of
 *    it too late, and delivers to nobody. There requests stand until they expire.
 */
import type { Msg } from '@nats-io/transport-node'
import type { Timer } from '../../time/clock.ts'
import type { Delivery, Reader } from '../mailboxes.ts'
import type { Connection } from './connection.ts'
import { countsOf, deliveryOf, refuse } from './delivery.ts'
import { reason } from './failures.ts'
import { type Pull, pull, SILENCE } from './pull.ts'
import { isOlder } from './version.ts'

export type ReaderSource = {
  readonly stream: string
  readonly consumer: string
  readonly ackWaitMs: number
  /** Makes the consumer anew, should it have gone. */
  readonly restore: () => Promise<unknown>
}

type Held = { readonly message: Msg; readonly delivery: Delivery; readonly deadline: { ms: number } }

/** Between two attempts while the server refuses. */
const RETRY_MS = 500
/** See 5. */
const FIRST_TO_TAKE_BACK = '2.10.16'

export function openReader(
  connection: Connection,
  source: ReaderSource,
  { prefetch, ahead: readsAhead }: { readonly prefetch: number; readonly ahead: boolean },
): Reader {
  const { clock } = connection
  const waiting = new Set<(delivery: Delivery | undefined) => void>()
  const pulls = new Set<Pull>()
  /** Read ahead or handed out, the earliest deadline first: all have the same time. */
  const held = new Set<Held>()
  const ahead: Held[] = []
  /** What the server had left for us after its last delivery. */
  let backlog = 0
  /** Whether what comes is welcome though nobody waits. */
  let eager = false
  let closed = false
  let timer: Timer | undefined

  function asked(): number {
    let sum = 0
    for (const one of pulls) sum += one.open()
    return sum
  }

  /** Asks for what is waited for and not yet asked for. */
  function ask(): void {
    timer?.cancel()
    const missing = waiting.size - asked()
    if (closed || missing <= 0) return // 1
    forget()
    const room = prefetch - held.size - asked() // 2
    const [oldest] = held
    if (room > 0) request(Math.min(room, readsAhead ? Math.max(missing, backlog) : missing))
    else if (oldest) timer = clock.setTimer(oldest.deadline.ms - clock.now(), ask) // 4
  }

  function request(batch: number): void {
    const one = pull(connection, {
      stream: source.stream,
      consumer: source.consumer,
      batch,
      onMessage(message) {
        if (one.open() === 0) pulls.delete(one)
        arrive(message)
      },
      onEnd(fault) {
        pulls.delete(one)
        if (fault === undefined) ask()
        else recover(fault)
      },
    })
    pulls.add(one)
  }

  function arrive(message: Msg): void {
    const [serve] = waiting
    if (closed || held.size >= prefetch || !(serve || eager)) {
      refuse(message) // 2, 3
      return
    }
    backlog = countsOf(message).waiting
    const one = hold(message)
    if (serve) serve(one.delivery)
    else ahead.push(one)
    if (waiting.size > 0) ask()
    else if (backlog === 0) void takeBack() // 1
  }

  function hold(message: Msg): Held {
    const deadline = { ms: 0 }
    const begin = () => {
      held.delete(one)
      deadline.ms = clock.now() + source.ackWaitMs
      held.add(one)
    }
    const settled = () => {
      if (held.delete(one)) ask()
    }
    const delivery = deliveryOf(message, { settled, prolonged: begin })
    const one: Held = { message, delivery, deadline }
    begin()
    return one
  }

  function forget(): void {
    for (const one of held) {
      if (one.deadline.ms > clock.now()) return
      held.delete(one) // 4
    }
  }

  async function takeBack(): Promise<void> {
    eager = false
    const { cluster, version } = connection.server()
    if (cluster === undefined && !isOlder(version, FIRST_TO_TAKE_BACK)) await abandon() // 5
  }

  async function abandon(): Promise<void> {
    const open = [...pulls]
    pulls.clear()
    await Promise.all(open.map((one) => one.cancel()))
  }

  function recover(fault: string): void {
    if (closed) return
    // While the connection is down there is a better explanation, and it was told. One request lost is no news.
    if (connection.isUp() && fault !== SILENCE)
      connection.report(`reading ${source.consumer} stopped, trying again: ${fault}`)
    timer?.cancel()
    timer = clock.setTimer(RETRY_MS, () => {
      source.restore().then(ask, (error: unknown) => recover(reason(error)))
    })
  }

  async function leave(back: Iterable<Held>): Promise<void> {
    closed = true
    timer?.cancel()
    for (const stopListening of listening) stopListening()
    for (const serve of [...waiting]) serve(undefined)
    await takeBack()
    for (const one of back) refuse(one.message) // 3
  }

  const listening = [
    connection.onReconnect(() => {
      void abandon()
      ask()
    }),
    connection.onClose(() => leave(held)),
  ]
  return {
    ackWaitMs: source.ackWaitMs,
    next(signal) {
      if (closed || signal.aborted) return Promise.resolve(undefined)
      forget()
      for (let one = ahead.shift(); one !== undefined; one = ahead.shift()) {
        if (held.has(one)) return Promise.resolve(one.delivery)
      }
      return new Promise((resolve) => {
        const serve = (delivery: Delivery | undefined) => {
          waiting.delete(serve)
          signal.removeEventListener('abort', stop)
          resolve(delivery)
        }
        const stop = () => {
          serve(undefined)
          if (waiting.size === 0) void takeBack()
        }
        signal.addEventListener('abort', stop, { once: true })
        waiting.add(serve)
        eager = readsAhead
        ask()
      })
    },
    close: () => leave(ahead.splice(0).filter((one) => held.has(one))),
  }
}
