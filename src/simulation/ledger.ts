/**
 * The invariants of the design that can be read off the journal, checked with every record that is appended to it.
 *
 * - T1: a conversation takes each message and each outcome once (T3), and one that is closed stays closed.
 * - T2: what is taken was in a committed outbox before.
 * - T4: what has an owner is written by its owner; and of one peer, an older epoch writes nothing after a newer one.
 * - R1: the stake of all conversations and of all messages that are under way is the whole. What is spent, reserved
 *   and orphaned is no more than was granted, and a call whose outcome is committed is settled.
 * - R2: what is active, or under way, has some.
 * - R3: when the end is announced, nothing is active, and every message is taken.
 * - R4: it is announced once, and no turn is committed afterwards.
 */
import type { ConversationId, MessageId, PeerId } from '../../protocols/ids.ts'
import { type Quota, quotaProblem } from '../run/quota.ts'
import type { RunRecord } from '../run/run-record.ts'
import {
  addStake,
  formatStake,
  isNoStake,
  isWholeStake,
  NO_STAKE,
  parseStake,
  type Stake,
  WHOLE_STAKE,
} from '../run/stake.ts'
import { type ConversationRecord, isActive } from '../turn/record.ts'
import type { Breaches } from './breach.ts'

export interface Ledger {
  /** The next record of the journal. */
  enter(record: ConversationRecord): void
  /** The last record of a conversation. */
  last(conversation: ConversationId): ConversationRecord | undefined
  /** The record of the run was written. */
  enterRun(record: RunRecord): void
  /** The quota of the run was written. */
  enterQuota(quota: Quota): void
  /** Whether the end was announced. */
  isOver(): boolean
  /** Conversations that go on by themselves. */
  active(): readonly ConversationRecord[]
  /** Messages that were committed and are not taken. */
  untaken(): readonly MessageId[]
}

/** @param given messages that no conversation sent: what the run begins with */
export function createLedger({ note }: Pick<Breaches, 'note'>, given: ReadonlySet<string>): Ledger {
  const lasts = new Map<ConversationId, ConversationRecord>()
  const taken = new Set<string>()
  const sent = new Set<string>(given)
  /** Messages under way, with the stake that each carries. */
  const underWay = new Map<MessageId, Stake>()
  /** What the run begins with carries all. */
  for (const id of given) underWay.set(id as MessageId, WHOLE_STAKE)
  let over = false
  let quota: Quota | undefined
  const epochs = new Map<string, number>()

  function takes({ conversation, took: { id } }: ConversationRecord): void {
    if (id === undefined) return
    const isMessage = id.includes('>')
    const key = `${conversation} ${id}`
    if (taken.has(key)) note(isMessage ? 'T1' : 'T3', `${conversation} took ${id} twice`)
    taken.add(key)
    if (!isMessage) return
    if (!sent.has(id)) note('T2', `${conversation} took ${id}, which nobody had committed`)
    underWay.delete(id as MessageId)
  }

  function balances({ conversation, took }: ConversationRecord): void {
    const held = [...lasts.values()].map(({ stake }) => parseStake(stake))
    const sum = [...held, ...underWay.values()].reduce(addStake, NO_STAKE)
    if (!isWholeStake(sum))
      note('R1', `after ${took.event} of ${conversation} the stake is ${formatStake(sum)}`)
    const poor = [...lasts.values()].find((record) => isActive(record) && isNoStake(parseStake(record.stake)))
    if (poor !== undefined) note('R2', `${poor.conversation} is active without stake`)
    const free = [...underWay].find(([, stake]) => isNoStake(stake))
    if (free !== undefined) note('R2', `${free[0]} is under way without stake`)
  }

  function follows(before: ConversationRecord | undefined, record: ConversationRecord): void {
    const { conversation, epoch, by } = record
    if (before?.phase === 'closed' && record.phase === 'open')
      note('T1', `${conversation} was closed and is opened again`)
    if (before !== undefined && before.owner !== null && before.owner !== by.peer)
      note('T4', `${by.peer} writes to ${conversation}, which is ${before.owner}'s`)
    const key = `${conversation} ${by.peer}` as `${ConversationId} ${PeerId}`
    const newest = epochs.get(key) ?? 0
    if (epoch < newest)
      note('T4', `epoch ${epoch} of ${by.peer} writes to ${conversation} after its epoch ${newest}`)
    epochs.set(key, Math.max(epoch, newest))
  }

  const active = () => [...lasts.values()].filter(isActive)

  return {
    enter(record) {
      const before = lasts.get(record.conversation)
      if (over && record.turn > (before?.turn ?? 0))
        note('R4', `${record.conversation} takes ${record.took.event} after the end was announced`)
      for (const id of record.took.unsent ?? []) underWay.delete(id)
      takes(record)
      follows(before, record)
      // A message that was taken back may give its number to another.
      const isNew = record.turn > (before?.turn ?? 0)
      for (const { message } of record.outbox) {
        if (
          isNew &&
          !taken.has(`${message.to.conversation} ${message.id}`) &&
          !isKept(before, record, message.id)
        )
          underWay.set(message.id, parseStake(message.stake))
        sent.add(message.id)
      }
      lasts.set(record.conversation, record)
      balances(record)
      const key = `${record.conversation} ${record.took.id}`
      if (record.took.call !== undefined && quota?.reserved[key] !== undefined)
        note('R1', `the outcome of ${key} is committed, and what was reserved for it is not settled`)
    },
    enterRun({ state }) {
      if (state !== 'over') return
      if (over) note('R4', 'the end is announced twice')
      over = true
      const reserved = Object.keys(quota?.reserved ?? {})
      if (reserved.length > 0) note('R1', `the end is announced, and ${reserved.join(', ')} is reserved`)
      for (const { conversation } of active())
        note('R3', `the end is announced, and ${conversation} is active`)
      for (const id of underWay.keys()) note('R3', `the end is announced, and ${id} is unread`)
    },
    enterQuota(written) {
      quota = written
      const problem = quotaProblem(written)
      if (problem !== undefined) note('R1', `the quota does not add up: ${problem}`)
    },
    isOver: () => over,
    last: (conversation) => lasts.get(conversation),
    active,
    untaken: () => [...underWay.keys()],
  }
}

/**
 * Whether a message stood in the outbox before: a turn that only takes note of something leaves it there. One that was
 * refused left its number to another.
 */
const isKept = (before: ConversationRecord | undefined, { took }: ConversationRecord, id: MessageId) =>
  !took.unsent?.includes(id) && (before?.outbox.some(({ message }) => message.id === id) ?? false)
