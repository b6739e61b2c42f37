/**
 * Publishing an outbox. Destination, way and dedup stand in the record: publishing again repeats it to the letter, and
 * never chooses another destination.
 */
import { MailboxFullError } from '../bus/errors.ts'
import { isForWork, type Mailbox, type Mailboxes, mailboxSubject } from '../bus/mailboxes.ts'
import type { Codec } from '../codec/codec.ts'
import { routed } from '../codec/route.ts'
import { mayOpen } from './outgoing.ts'
import type { ConversationRecord, OutboxEntry } from './record.ts'
import type { TurnInput } from './turn-input.ts'
import type { Board } from './way.ts'

export type Unsent = TurnInput & { readonly kind: 'unsent' }

export type PublishPorts = {
  readonly mailboxes: Mailboxes
  readonly codec: Codec
  readonly board: Board
  /** Nobody tried before: what a full mailbox refuses now was never stored. */
  readonly isFirst: boolean
}

/**
 * Answers what full mailboxes refused, where that can be taken back.
 * @throws what a mailbox throws that may have stored the message
 */
export async function publish(
  { outbox, turn }: ConversationRecord,
  ports: PublishPorts,
): Promise<Unsent | undefined> {
  const { isFirst } = ports
  const results = await Promise.allSettled(outbox.map((entry) => post(entry, turn, ports)))
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ id: outbox[index]!.message.id, error: result.reason as unknown }] : [],
  )
  if (failed.length === 0) return undefined
  const grave = failed.find(({ error }) => !(isFirst && error instanceof MailboxFullError))
  if (grave !== undefined) throw grave.error
  return {
    kind: 'unsent',
    messages: failed.map(({ id }) => id),
    reason: (failed[0]!.error as MailboxFullError).message,
  }
}

async function post(
  { mailbox, via, message }: OutboxEntry,
  turn: number,
  { mailboxes, codec, board, isFirst }: PublishPorts,
): Promise<void> {
  const frame = codec.encode(message)
  if (via?.kind === 'board') return board.post(message.to, message.id, frame)
  const first: Mailbox = via ?? mailbox
  await mailboxes.put(first, via === undefined ? frame : routed(frame, mailbox), {
    // The turn, since a message that was refused may give its number to another.
    dedup: `${message.id}@${turn}>${mailboxSubject(first)}`,
    // What may be stored already is not refused: nobody could take it back. Nor is what others pass on.
    opens: isFirst && isForWork(first) && mayOpen(message),
  })
}
