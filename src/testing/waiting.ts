/** Who waits for what, in words: for a test that is told that nothing comes of a run. */
import { nameOf } from '../../protocols/ids.ts'
import { mailboxSubject, type Waiting } from '../bus/mailboxes.ts'
import type { ConversationRecord } from '../turn/record.ts'

export type Situation = {
  /** Every commit of the run, oldest first. */
  readonly journal: readonly ConversationRecord[]
  readonly mail: readonly Waiting[]
  readonly missing: readonly string[]
  /** Virtual milliseconds since the mesh was there, of a time. */
  readonly sinceBegin: (ms: number) => number
}

/** A line for each that waits, and for each that is not there. */
export function whoWaits({ journal, mail, missing, sinceBegin }: Situation): readonly string[] {
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  return [
    ...[...latest.values()].flatMap((record) =>
      record.phase === 'closed' ? [] : [inWords(record, sinceBegin)],
    ),
    ...mail.map(
      ({ mailbox, depth }) =>
        `${depth} in the mailbox ${mailboxSubject(mailbox)}, not taken or not done with`,
    ),
    ...missing,
  ]
}

function inWords(record: ConversationRecord, sinceBegin: (ms: number) => number): string {
  const { role, conversation, effects, awaiting, timers, snapshot, outbox } = record
  const reasons = [
    ...effects.map(({ src, input, startedAt }) => `${doing(src, input)} since ${sinceBegin(startedAt)} ms`),
    ...awaiting.map(
      ({ answeredBy, to, dueAt }) =>
        `waits for ${answeredBy.join(' or ')} of ${to.role} ${nameOf(to.conversation)} until ${sinceBegin(dueAt)} ms`,
    ),
    ...timers.map(({ event, dueAt }) => `has "${event.type}" due at ${sinceBegin(dueAt)} ms`),
    ...(outbox.length > 0 ? [`has ${outbox.map(({ message }) => message.type).join(', ')} to send`] : []),
  ]
  const state = snapshot === null ? 'not begun' : `in ${JSON.stringify(snapshot.value)}`
  return `${role} ${nameOf(conversation)}, ${state}, ${reasons.join('; ') || 'waits to be spoken to'}`
}

function doing(src: string, input: unknown): string {
  const tool = (input as { tool?: unknown }).tool
  if (src === 'chat') return 'asks its model'
  if (src === 'person') return `waits for a person${typeof tool === 'string' ? `, for "${tool}"` : ''}`
  return typeof tool === 'string' ? `runs "${tool}"` : `does "${src}"`
}
