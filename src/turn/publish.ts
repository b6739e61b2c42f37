/**
 * Publishing an outbox. Destination and dedup stand in the record: publishing again repeats it to the letter, and never
 * chooses another destination.
 */
import { MailboxFullError } from '../bus/errors.ts'
import { type Mailboxes, mailboxSubject } from '../bus/mailboxes.ts'
import type { Codec } from '../codec/codec.ts'
import { mayOpen } from './outgoing.ts'
import type { ConversationRecord } from './record.ts'
import type { TurnInput } from './turn-input.ts'

export type Unsent = TurnInput & { readonly kind: 'unsent' }

/**
 * Answers what full mailboxes refused, where that can be taken back.
 * @param isFirst nobody tried before: what a full mailbox refuses now was never stored
 * @throws what a mailbox throws that may have stored the message
 */
export async function publish(
  { outbox, turn }: ConversationRecord,
  { mailboxes, codec, isFirst }: { mailboxes: Mailboxes; codec: Codec; isFirst: boolean },
): Promise<Unsent | undefined> {
  const results = await Promise.allSettled(
    outbox.map(({ mailbox, message }) =>
      mailboxes.put(mailbox, codec.encode(message), {
        // The turn, since a message that was refused may give its number to another.
        dedup: `${message.id}@${turn}>${mailboxSubject(mailbox)}`,
        // What may be stored already is not refused: nobody could take it back.
        opens: isFirst && mailbox.kind === 'role' && mayOpen(message),
      }),
    ),
  )
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
