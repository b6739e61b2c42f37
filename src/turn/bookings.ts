/**
 * The messages of turns in hand, booked with their run before they are sent, where it may send only so many. A turn
 * that failed and is tried again has its booking still.
 */
import { type ConversationId, type RunId, runOf } from '../../protocols/ids.ts'
import type { MessageQuotas } from '../run/quotas.ts'
import { isFree } from './outgoing.ts'
import type { ConversationRecord } from './record.ts'

/** Messages that are booked for a turn in hand, and not sent. */
export type Booking = { readonly run: RunId; messages: number; isDoubtful: boolean }

export interface Bookings {
  /** That of a turn that was tried before, or an empty one. */
  of(conversation: ConversationId): Booking
  /** Has so many messages booked, no more and no less. False where there are not so many left. */
  book(booking: Booking, wanted: number): Promise<boolean>
  /** The turn is done: what is booked and was not sent is given back. */
  done(conversation: ConversationId, booking: Booking): Promise<void>
  /** The turn failed. It may have been committed all the same; whoever tries again has them booked already. */
  keep(conversation: ConversationId, booking: Booking): void
}

export function createBookings(quotas: MessageQuotas): Bookings {
  /** Of turns that failed and are tried again. */
  const kept = new Map<ConversationId, Booking>()

  async function book(booking: Booking, wanted: number): Promise<boolean> {
    const { run, messages } = booking
    if (wanted > messages && (await quotas.bookMessages(run, wanted - messages)) !== undefined) return false
    if (wanted < messages) await quotas.giveBackMessages(run, messages - wanted)
    booking.messages = wanted
    return true
  }

  return {
    of: (conversation) =>
      kept.get(conversation) ?? { run: runOf(conversation), messages: 0, isDoubtful: false },
    book,
    async done(conversation, booking) {
      kept.delete(conversation)
      await book(booking, 0).catch(() => {}) // then they are sold twice
    },
    keep(conversation, booking) {
      if (booking.messages > 0) kept.set(conversation, { ...booking, isDoubtful: true })
    },
  }
}

/** How many messages of an outbox count as such where a run may send only so many. */
export const chargedIn = (outbox: ConversationRecord['outbox']): number =>
  outbox.filter(({ message }) => !isFree(message)).length
