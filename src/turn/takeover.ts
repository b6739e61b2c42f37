/**
 * Taking over a conversation that another incarnation left: its outbox is published again as it stands, its timers are
 * armed with what is left of them, its effects start again with the attempt raised (see `running.ts` for those that
 * must not).
 */
import type { TurnContext } from './draft.ts'
import type { ConversationRecord } from './record.ts'

/** The record under a new epoch. It is committed before anything of the conversation is touched (T4). */
export function takenOver(record: ConversationRecord, context: TurnContext): ConversationRecord {
  return {
    ...record,
    owner: context.peer,
    epoch: context.epoch,
    nonce: context.nonce,
    by: { peer: context.peer, host: context.host, pid: context.pid },
    at: context.now,
    // Under the same epoch they go on where they are: only a commit of ours is kept from coming late.
    effects:
      record.epoch === context.epoch && record.by.peer === context.peer
        ? record.effects
        : record.effects.map((effect) => ({ ...effect, attempt: effect.attempt + 1 })),
    took: { event: 'takeover', from: record.took.to, to: record.took.to },
  }
}
