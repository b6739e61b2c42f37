/** A reader's place at a mailbox: what it holds, and its client's waits for more. */
import type { Delivery } from '../mailboxes.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'

export interface Seat {
  readonly link: Link
  /** Delivered here last, and not acknowledged. */
  readonly held: Set<Message>
  /** Whether another message was asked for, besides those on their way. */
  wants(): boolean
  /** Whether it may hold another. What is due again is not held any more. */
  hasRoom(nowMs: number): boolean
  /** A delivery set out. */
  expect(): void
  /** A delivery arrived. False if nobody waits for it any more. */
  give(delivery: Delivery): boolean
  /** A delivery was lost on its way. */
  miss(): void
  next(signal: AbortSignal): Promise<Delivery | undefined>
  /** Ends every wait. */
  end(): void
  /** Forgets every wait. */
  freeze(): void
}

export type SeatOptions = { readonly prefetch: number; readonly asked: () => void }

export function createSeat(link: Link, { prefetch, asked }: SeatOptions): Seat {
  const held = new Set<Message>()
  const waits = new Set<(delivery?: Delivery) => void>()
  let onTheWay = 0
  let taken = true

  return {
    link,
    held,
    wants: () => waits.size > onTheWay,
    hasRoom: (nowMs) => [...held].filter((message) => message.dueMs > nowMs).length < prefetch,
    expect: () => onTheWay++,
    give(delivery) {
      onTheWay--
      const [wait] = waits
      wait?.(delivery)
      return wait !== undefined
    },
    miss: () => onTheWay--,
    next(signal) {
      if (!taken || signal.aborted) return link.local(undefined)
      return new Promise((resolve) => {
        const wait = (delivery?: Delivery) => {
          signal.removeEventListener('abort', abort)
          if (waits.delete(wait)) resolve(delivery)
        }
        const abort = () => wait()
        signal.addEventListener('abort', abort, { once: true })
        waits.add(wait)
        asked()
      })
    },
    end() {
      taken = false
      for (const wait of waits) wait()
    },
    freeze() {
      taken = false
      waits.clear()
    },
  }
}
