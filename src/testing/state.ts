/** Where a conversation stands, for assertions. */
import { nameOf } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { TestingError } from './errors.ts'

export type ConversationState = {
  readonly conversation: string
  readonly run: string
  readonly role: string
  /** Of its machine, as XState has it: `thinking`, `{ working: 'reading' }`; of one that is over, in words: `done`. */
  readonly state: unknown
  /** Of its machine; of one that is over, as it was before its last turn. */
  readonly context: unknown
  readonly isOver: boolean
  /** What its machine ended with. */
  readonly output: unknown
  /** Why it was closed, where its machine did not end by itself. */
  readonly problem: string | null
  /** The peer that hosts it; null where it only waits to be spoken to, or is over. */
  readonly peer: string | null
  readonly turns: number
  /** Processes that died over it and were taken over from. */
  readonly takeovers: number
}

/** The latest of that name. @throws TestingError `testing.conversation` */
export function stateIn(journal: readonly ConversationRecord[], name: string): ConversationState {
  const record = journal.findLast(
    ({ conversation }) => conversation === name || nameOf(conversation) === name,
  )
  if (record === undefined) {
    const names = [...new Set(journal.map(({ conversation }) => nameOf(conversation)))]
    throw new TestingError(
      'conversation',
      `there is no conversation "${name}": there are ${names.join(', ') || 'none'}`,
    )
  }
  const { conversation, run, role, phase, output, problem, owner, turn } = record
  const own = journal.filter((one) => one.conversation === conversation)
  // What is over keeps no state: its last commits only count its stake.
  const over = own.find((one) => one.phase === 'closed')
  const last = own.findLast(({ snapshot }) => snapshot !== null)?.snapshot
  return {
    conversation: nameOf(conversation),
    ...{ run, role, turns: turn },
    output: over?.output ?? output,
    problem: over?.problem ?? problem,
    state: over === undefined ? (last?.value ?? null) : over.took.to,
    context: last?.context ?? null,
    isOver: phase === 'closed',
    peer: owner,
    takeovers: journal.filter((one) => one.conversation === conversation && one.took.event === 'takeover')
      .length,
  }
}
