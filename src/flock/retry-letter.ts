/**
 * A dead letter, sent once more: as a new message, since its addressee has taken note of the old one. Its answer goes
 * where the old one's would have gone; a sender that has given up waiting drops it.
 */
import { createHash } from 'node:crypto'
import type { Bus } from '../bus/bus.ts'
import { readRun } from '../run/run-record.ts'
import type { Clock } from '../time/clock.ts'
import { type DeadLetter, deadLetters, revived } from '../turn/dead-letters.ts'
import { FlockError } from './errors.ts'
import { headOf } from './message-head.ts'

export type RetryPorts = { readonly bus: Bus; readonly clock: Clock }

/**
 * Puts it into its mailbox, and drops the letter when it is there.
 * @throws FlockError `flock.retry` where nobody would deal with it; AmbiguousError, UnavailableError
 */
export async function retryLetter(letter: DeadLetter, { bus, clock }: RetryPorts): Promise<void> {
  const { run, deadline } = headOf(letter)
  // Of the letter, not by chance: one that is sent twice is taken once.
  const nonce = createHash('sha256').update(letter.id).digest('hex').slice(0, 16)
  const again = revived(letter, nonce)
  if (again === undefined) throw refusal(letter, 'its body was too large to be kept')
  const found = run === undefined ? undefined : await readRun(bus.records, run)
  if (found !== undefined && found.record.state !== 'open') throw refusal(letter, `run "${run}" is over`)
  if (deadline !== undefined && deadline <= clock.now()) {
    throw refusal(letter, `its deadline was ${new Date(deadline).toISOString()}`)
  }
  await bus.mailboxes.put(again.mailbox, again.frame, { dedup: `retry>${nonce}` })
  await deadLetters(bus.records).drop(letter)
}

const refusal = ({ id }: DeadLetter, why: string) =>
  new FlockError('retry', `"${id}" cannot be sent again: ${why}. "skein dead drop" forgets it`)
