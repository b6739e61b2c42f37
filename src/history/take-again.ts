/**
 * T5: the same record and the same input give the same next record. A turn is taken again from what the journal holds:
 * the record before it, what it took, and what its host told it, which its own record shows.
 */
import type { MessageId } from '../../protocols/ids.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import type { TurnContext } from '../turn/draft.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { turnSpanId } from '../turn/spans.ts'
import { type Turn, takeTurn } from '../turn/turn.ts'
import type { TurnInput } from '../turn/turn-input.ts'
import type { Way, Ways } from '../turn/way.ts'
import { wishesOf } from '../turn/wishes.ts'

export type RecordedTurn = {
  readonly run: RunRecord
  /** The record that the turn began with; undefined where it opened the conversation. */
  readonly before: ConversationRecord | undefined
  /** The record that it gave. */
  readonly record: ConversationRecord
  readonly input: TurnInput
}

/** What the turn comes to with this behaviour, in the place and at the time of the one that was recorded. */
export const takeAgain = (behaviour: Behaviour, { run, before, record, input }: RecordedTurn): Turn =>
  takeTurn(behaviour, before, input, {
    ...contextOf(before, record),
    ...wishesOf(run),
  })

/** A record as it comes back from the journal. */
export const asStored = (record: ConversationRecord): ConversationRecord =>
  JSON.parse(JSON.stringify(record)) as ConversationRecord

function contextOf(before: ConversationRecord | undefined, record: ConversationRecord): TurnContext {
  const { by, epoch, nonce, at, took, problem } = record
  const span = record.spans.find(({ spanId }) => spanId === turnSpanId(record))
  return {
    ...{ ...by, epoch, nonce, now: at },
    takenAt: before === undefined ? record.trace.startedAt : (span?.startMs ?? at),
    ...(took.isStopped && problem !== null && { problem }),
    outOfMessages: took.limit === 'messages',
    ways: waysIn(record),
    resource: (span?.resource ?? {}) as TurnContext['resource'],
  }
}

/** What the turn was told of the ways of its messages. */
const waysIn = ({ outbox, took }: ConversationRecord): Ways =>
  new Map<MessageId, Way>([
    ...outbox.map(({ message, mailbox, via }) => [message.id, { mailbox, ...(via && { via }) }] as const),
    ...(took.barred ?? []).map(({ id, reason }) => [id, { barred: reason }] as const),
  ])
