/**
 * Mailboxes: durable, at least once, competing readers. Not exactly once, and not in order: the turn above
 * makes of it what the machine sees.
 */

import { assertNever } from '../../protocols/errors.ts'
import type { PeerId, RoleName } from '../../protocols/ids.ts'
import type { Frame } from './frame.ts'

export type Mailbox =
  /** Work for anybody of the role: each message goes to one of the peers that read it. */
  | { readonly kind: 'role'; readonly role: RoleName }
  /** Mail for one peer. */
  | { readonly kind: 'peer'; readonly peer: PeerId }
  /** What could not be delivered, each with its reason in the headers. */
  | { readonly kind: 'dead' }

/** `role.coder`, `peer.coder-1`, `dead`: the mailbox as the end of a subject. */
export function mailboxSubject(mailbox: Mailbox): string {
  switch (mailbox.kind) {
    case 'role':
      return `role.${mailbox.role}`
    case 'peer':
      return `peer.${mailbox.peer}`
    case 'dead':
      return 'dead'
    default:
      return assertNever(mailbox)
  }
}

export interface Mailboxes {
  /**
   * Stores a frame; resolves once it is durable. Nobody need read the mailbox yet. A second put with the same
   * `dedup` (any text, unique over all mailboxes) inside the bus's window, two minutes by default, stores nothing.
   * @throws AmbiguousError, UnavailableError, MailboxFullError, TooLargeError
   */
  put(mailbox: Mailbox, frame: Frame, options: { readonly dedup: string }): Promise<void>
  /**
   * Joins the readers of a mailbox. `prefetch` is how many unacknowledged deliveries this reader may hold: with 1 it
   * takes only what `next` asks for, with more a `next` may take along what else is waiting.
   */
  reader(mailbox: Mailbox, options: { readonly prefetch: number }): Promise<Reader>
  /** Messages stored and not acknowledged. */
  depth(mailbox: Mailbox): Promise<number>
  /** Sees what is put into any mailbox from now on, at most once and without taking it: for watching only. */
  tap(): Promise<Tap>
}

export interface Reader {
  /**
   * The next delivery, or undefined when the signal was aborted or the reader closed. Call it again only for more:
   * a reader takes nothing while nobody asks.
   */
  next(signal: AbortSignal): Promise<Delivery | undefined>
  /** Leaves; what was delivered and not acknowledged is delivered again to somebody. */
  close(): Promise<void>
}

export interface Delivery {
  readonly frame: Frame
  /** 1 for the first delivery. */
  readonly attempt: number
  /** Done with it. Best effort: a lost ack means another delivery. */
  ack(): Promise<void>
  /** Deliver it again after `delayMs`. */
  retry(delayMs: number): Promise<void>
  /** Still working: starts the time until redelivery (30 s by default) anew. */
  working(): Promise<void>
}

export interface Tap extends AsyncIterable<{ readonly mailbox: Mailbox; readonly frame: Frame }> {
  close(): void
}
