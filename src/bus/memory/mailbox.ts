/**
 * One mailbox in memory. What is due for a delivery goes to a reader that asked and has room; of several, chance
 * says which. A timer runs only while somebody asks, so a network at rest keeps no process alive.
 */
import type { Clock, Timer } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import { MailboxFullError } from '../errors.ts'
import type { Frame } from '../frame.ts'
import type { Delivery, Reader } from '../mailboxes.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'
import { copyFrame } from './payload.ts'
import { createSeat, type Seat } from './seat.ts'

export interface MemoryMailbox {
  /** Keeps the frame itself, not a copy. @throws MailboxFullError */
  put(frame: Frame, opens: boolean): void
  depth(): number
  stored(): readonly Message[]
  /** Whether it was there still. */
  remove(message: Message): boolean
  reader(link: Link, prefetch: number): Reader
}

export type MailboxOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly ackWaitMs: number
  readonly mailboxCapacity: number
}

export function createMailbox(
  subject: string,
  { clock, random, ackWaitMs, mailboxCapacity }: MailboxOptions,
): MemoryMailbox {
  /** In the order they were put. */
  const messages = new Set<Message>()
  const seats = new Set<Seat>()
  /** Every seat that may want another message, so that nobody is looked at where all are busy. */
  const eager = new Set<Seat>()
  let depth = 0
  let openings = 0
  let alarm: Timer | undefined

  const isDue = (message: Message) => message.dueMs <= clock.now()

  function oldestDue(): Message | undefined {
    for (const message of messages) if (isDue(message)) return message
    return undefined
  }

  function schedule(message: Message, delayMs: number, holder?: Seat): void {
    message.holder?.held.delete(message)
    message.holder = holder
    message.dueMs = clock.now() + delayMs
    holder?.held.add(message)
  }

  function remove(message: Message): boolean {
    message.holder?.held.delete(message)
    if (!messages.delete(message)) return false
    if (!message.echo) count(message, -1)
    return true
  }

  function count({ opens }: Message, change: 1 | -1): void {
    depth += change
    if (opens) openings += change
  }

  /** Hands out what can be handed out now, and sets the alarm for the next time that this may change by itself. */
  function offer(): void {
    alarm?.cancel()
    // Most that ask do so of an empty mailbox, and there may be thousands of them.
    while (messages.size > 0 && eager.size > 0) {
      const asking = [...seats].filter((seat) => seat.link.reachable() && seat.wants())
      if (asking.length === 0) return
      const free = asking.filter((seat) => seat.hasRoom(clock.now()))
      const seat = free.length > 1 ? free[Math.floor(random.next() * free.length)] : free[0]
      const message = oldestDue()
      if (seat === undefined || message === undefined) {
        // A reader without room gets some when what it holds is due again.
        wakeFor(message === undefined ? [...messages] : asking.flatMap(({ held }) => [...held]))
        return
      }
      deliver(message, seat)
    }
  }

  function wakeFor(awaited: readonly Message[]): void {
    let dueMs = Number.POSITIVE_INFINITY
    // What is due already waits for room, and finding that again at once would go on for ever.
    for (const message of awaited) if (!isDue(message)) dueMs = Math.min(dueMs, message.dueMs)
    if (dueMs < Number.POSITIVE_INFINITY) alarm = clock.setTimer(dueMs - clock.now(), offer)
  }

  function deliver(oldest: Message, seat: Seat): void {
    const { headers } = oldest.frame
    const fault = seat.link.fault({ kind: 'delivery', name: 'reader.next', key: subject, headers })
    const message = fault.reorder ? ([...messages].findLast(isDue) ?? oldest) : oldest
    message.attempt++
    schedule(message, ackWaitMs, seat)
    if (fault.duplicate && !message.echo) {
      messages.add({ ...message, echo: true, dueMs: clock.now(), holder: undefined })
    }
    const delivery = deliveryOf(message, seat.link)
    seat.expect()
    if (!seat.wants()) eager.delete(seat)
    seat.link.after(fault.delayMs, () => {
      // What does not reach its client is due again after the ack wait.
      if (!seat.link.reachable()) {
        seat.miss()
        if (seats.has(seat)) eager.add(seat)
      } else seat.link.hand(() => seat.give(delivery) || giveBack(message, seat))
    })
  }

  function giveBack(message: Message, seat: Seat): void {
    if (message.holder === seat) schedule(message, 0)
    offer()
  }

  function deliveryOf(message: Message, link: Link): Delivery {
    const { attempt } = message
    const isLatest = () => messages.has(message) && message.attempt === attempt
    const settle = (name: string, apply: () => void) =>
      link.tell({ kind: 'settle', name, key: subject }, () => {
        apply()
        offer()
      })
    return {
      frame: copyFrame(message.frame),
      attempt,
      // As on a server, a late ack counts though the message was delivered again meanwhile.
      ack: () => settle('delivery.ack', () => remove(message)),
      retry: (delayMs) =>
        settle('delivery.retry', () => {
          if (isLatest()) schedule(message, delayMs)
        }),
      working: () =>
        settle('delivery.working', () => {
          if (isLatest()) schedule(message, ackWaitMs, message.holder)
        }),
    }
  }

  return {
    put(frame, opens) {
      if (opens && openings >= mailboxCapacity) throw new MailboxFullError(subject)
      const message = { frame, opens, echo: false, attempt: 0, dueMs: clock.now(), holder: undefined }
      messages.add(message)
      count(message, 1)
      offer()
    },
    depth: () => depth,
    stored: () => [...messages].filter(({ echo }) => !echo),
    remove(message) {
      const removed = remove(message)
      if (removed) offer()
      return removed
    },
    reader(link, prefetch) {
      const asked = () => {
        eager.add(seat)
        offer()
      }
      const seat = createSeat(link, { prefetch, asked })
      seats.add(seat)

      function end(): void {
        forget()
        seats.delete(seat)
        eager.delete(seat)
        seat.end()
        if (link.reachable()) for (const message of seat.held) schedule(message, 0)
        offer()
      }
      function freeze(): void {
        seats.delete(seat)
        eager.delete(seat)
        seat.freeze()
      }
      const forget = link.opened({ end, freeze, resume: offer })

      return {
        ackWaitMs,
        next: seat.next,
        close() {
          if (seats.has(seat)) end()
          return link.local(undefined)
        },
      }
    },
  }
}
