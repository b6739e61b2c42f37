/**
 * Cleaning up the mail. The stream is read message by message, past its consumers: a consumer of ours would take from
 * theirs what it reads. Each message is asked for by the sequence after the one before, so that the server never looks
 * through the same part twice.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { Frame } from '../frame.ts'
import type { Mailbox } from '../mailboxes.ts'
import type { Connection } from './connection.ts'
import { frameOf } from './frames.ts'
import { messageRemover } from './remove-message.ts'
import type { Subjects } from './subjects.ts'

export type SweepOver = {
  readonly connection: Connection
  readonly jetStream: JetStreamManager
  readonly subjects: Subjects
}

/** How many messages were removed. @throws AmbiguousError, UnavailableError */
export async function sweep(
  { connection, jetStream, subjects }: SweepOver,
  isWaste: (mailbox: Mailbox, frame: Frame) => boolean,
): Promise<number> {
  const stream = subjects.mailStream
  const what = 'the sweep of the mail'

  const remove = messageRemover(stream, connection, jetStream)

  function from(seq: number): Promise<StoredMsg | null> {
    // The client knows this query only for reads from followers.
    const query = { seq, next_by_subj: '>' }
    return connection.read(what, () => jetStream.streams.getMessage(stream, query))
  }

  // As of now: a stream that is busy shall not be followed for ever.
  const { state } = await connection.read(what, () => jetStream.streams.info(stream))
  let removed = 0
  for (
    let message = await from(1);
    message !== null && message.seq <= state.last_seq;
    message = await from(message.seq + 1)
  ) {
    const mailbox = subjects.mailboxOf(message.subject)
    const frame = frameOf({ headers: message.header, data: message.data })
    if (mailbox !== undefined && isWaste(mailbox, frame) && (await remove(what, message.seq))) removed++
  }
  return removed
}
