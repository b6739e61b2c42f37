/**
 * Mailboxes: durable, at least once, competing readers. Not exactly once, and not in order: the turn above
 * makes of it what the machine sees.
 */

import { assertNever } from '../../protocols/errors.ts'
import { type PeerId, peerIdSchema, type RoleName, roleNameSchema } from '../../protocols/ids.ts'
import type { Frame } from './frame.ts'

export type Mailbox =
  /** Work for anybody of the role: each message goes to one of the peers that read it. */
  | { readonly kind: 'role'; readonly role: RoleName }
  /** Mail for one peer. */
  | { readonly kind: 'peer'; readonly peer: PeerId }
  /** Work for one peer, which was chosen for it: it waits there until the peer has room. */
  | { readonly kind: 'desk'; readonly peer: PeerId }

/** `role.coder`, `peer.coder-1`, `desk.coder-1`: the mailbox as the end of a subject. */
export function mailboxSubject(mailbox: Mailbox): string {
  switch (mailbox.kind) {
    case 'role':
      return `role.${mailbox.role}`
    case 'peer':
      return `peer.${mailbox.peer}`
    case 'desk':
      return `desk.${mailbox.peer}`
    default:
      return assertNever(mailbox)
  }
}

/** Reads the first tokens of what `mailboxSubject` wrote; undefined for what is no mailbox. */
export function parseMailbox(text: string): Mailbox | undefined {
  const [kind, name] = text.split('.')
  if (kind === 'role') {
    const role = roleNameSchema.safeParse(name)
    return role.success ? { kind, role: role.data } : undefined
  }
  if (kind === 'peer' || kind === 'desk') {
    const peer = peerIdSchema.safeParse(name)
    return peer.success ? { kind, peer: peer.data } : undefined
  }
  return undefined
}

/** Work waits there for somebody who has room, and it may be full. */
export const isForWork = ({ kind }: Mailbox): boolean => kind !== 'peer'

export type PutOptions = {
  /**
   * Any text, unique over all mailboxes: a second put with the same inside the bus's window, two minutes by default,
   * stores nothing.
   */
  readonly dedup: string
  /**
   * The message begins something, and may be refused. Only such messages count against the bound of a mailbox; what
   * belongs to something that has begun always finds room.
   */
  readonly opens?: boolean | undefined
}

export type Waiting = { readonly mailbox: Mailbox; readonly depth: number }

export interface Mailboxes {
  /**
   * Stores a frame; resolves once it is durable. Nobody need read the mailbox yet.
   * @throws AmbiguousError, UnavailableError, TooLargeError; MailboxFullError where it opens something
   */
  put(mailbox: Mailbox, frame: Frame, options: PutOptions): Promise<void>
  /**
   * Joins the readers of a mailbox. `prefetch` is how many unacknowledged deliveries this reader may hold. With `ahead`
   * a `next` may take along what else is waiting, for those that follow; without, the rest stays there for others.
   */
  reader(mailbox: Mailbox, options: { readonly prefetch: number; readonly ahead?: boolean }): Promise<Reader>
  /** Messages stored and not acknowledged, whether they opened something or not. */
  depth(mailbox: Mailbox): Promise<number>
  /** Every mailbox with a depth, in no order that matters. */
  waiting(): Promise<readonly Waiting[]>
  /**
   * Removes what is waste, delivered or not, and answers how much that was: for retention, in its own time. What is
   * put meanwhile may be passed over. What was removed by an unanswered request is not counted.
   * @throws AmbiguousError, UnavailableError: sweep again
   */
  sweep(isWaste: (mailbox: Mailbox, frame: Frame) => boolean): Promise<number>
  /** Sees what is put into any mailbox from now on, at most once and without taking it: for watching only. */
  tap(): Promise<Tap>
}

export interface Reader {
  /** What is neither acknowledged nor said to be in hand for so long, in milliseconds, is delivered again. */
  readonly ackWaitMs: number
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
