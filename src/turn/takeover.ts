/**
 * Taking over a conversation that another incarnation left: its outbox is published again as it stands, its timers are
 * armed with what is left of them, its effects start again with the attempt raised (see `running.ts` for those that
 * must not).
 */
import { takeoverSpan, takeoverSpanId } from './conversation-spans.ts'
import type { TurnContext } from './draft.ts'
import type { ConversationRecord } from './record.ts'

/** The record under a new epoch. It is committed before anything of the conversation is touched (T4). */
export function takenOver(record: ConversationRecord, context: TurnContext): ConversationRecord {
  const isAnothers = record.epoch !== context.epoch || record.by.peer !== context.peer
  return {
    ...record,
    owner: context.peer,
    epoch: context.epoch,
    nonce: context.nonce,
    by: { peer: context.peer, host: context.host, pid: context.pid },
    at: context.now,
    // Under the same epoch they go on where they are: only a commit of ours is kept from coming late.
    effects: isAnothers
      ? record.effects.map((effect) => ({
          ...effect,
          attempt: effect.attempt + 1,
          resumedBy: takeoverSpanId(record, context.epoch),
        }))
      : record.effects,
    // Those of the last turn are owed still, since whoever made them may not have handed them over.
    spans:
      isAnothers && record.trace.sampled ? [...record.spans, takeoverSpan(record, context)] : record.spans,
    took: { event: 'takeover', from: record.took.to, to: record.took.to },
  }
}
