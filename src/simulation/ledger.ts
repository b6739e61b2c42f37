/**
 * The invariants of the design that can be read off the journal, checked with every record that is appended to it.
 *
 * - T1: a conversation takes each message and each outcome once (T3), and one that is closed stays closed.
 * - T2: what is taken was in a committed outbox before.
 * - T4: what has an owner is written by its owner; and of one peer, an older epoch writes nothing after a newer one.
 */
import type { ConversationId, MessageId, PeerId } from '../../protocols/ids.ts'
import { type ConversationRecord, needsHost } from '../turn/record.ts'
import type { Breaches } from './breach.ts'

export interface Ledger {
  /** The next record of the journal. */
  enter(record: ConversationRecord): void
  /** The last record of a conversation. */
  last(conversation: ConversationId): ConversationRecord | undefined
  /** Conversations that somebody has to host. */
  unsettled(): readonly ConversationRecord[]
  /** Messages that were committed and are not taken. */
  untaken(): readonly MessageId[]
}

/** @param given messages that no conversation sent: what the run begins with */
export function createLedger({ note }: Pick<Breaches, 'note'>, given: ReadonlySet<string>): Ledger {
  const lasts = new Map<ConversationId, ConversationRecord>()
  const taken = new Set<string>()
  const sent = new Set<string>(given)
  const untaken = new Set<MessageId>()
  const epochs = new Map<string, number>()

  function takes({ conversation, took: { id } }: ConversationRecord): void {
    if (id === undefined) return
    const isMessage = id.includes('>')
    const key = `${conversation} ${id}`
    if (taken.has(key)) note(isMessage ? 'T1' : 'T3', `${conversation} took ${id} twice`)
    taken.add(key)
    if (!isMessage) return
    if (!sent.has(id)) note('T2', `${conversation} took ${id}, which nobody had committed`)
    untaken.delete(id as MessageId)
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

  return {
    enter(record) {
      takes(record)
      follows(lasts.get(record.conversation), record)
      for (const { message } of record.outbox) {
        if (!sent.has(message.id) && !taken.has(`${message.to.conversation} ${message.id}`))
          untaken.add(message.id)
        sent.add(message.id)
      }
      lasts.set(record.conversation, record)
    },
    last: (conversation) => lasts.get(conversation),
    unsettled: () => [...lasts.values()].filter(needsHost),
    untaken: () => [...untaken],
  }
}
