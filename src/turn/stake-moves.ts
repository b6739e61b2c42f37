/**
 * Where the stake of a run goes in a turn. A message's share moves once, in the turn that takes note of the message;
 * a conversation that becomes idle keeps nothing: its share travels with the last message of the turn, and where the
 * turn sends none, home to the origin with `run.idle`. So work that goes from hand to hand needs no message for it.
 *
 * R1 What a turn takes in, holds and sends adds up. R2 Nothing spends stake, and what is active or on its way has some.
 */
import type { Stop } from '../../protocols/address.ts'
import type { Envelope, Message } from '../../protocols/envelope.ts'
import { conversationId, type RunId } from '../../protocols/ids.ts'
import { ORIGIN_CONVERSATION, ORIGIN_ROLE, originPeer } from '../run/origin-address.ts'
import { addStake, formatStake, isNoStake, NO_STAKE, parseStake } from '../run/stake.ts'
import type { Draft } from './draft.ts'
import { type ConversationRecord, isActive } from './record.ts'
import { withSeen } from './seen.ts'

/** Takes note of a message: it comes to nothing the next time, and its stake is here. */
export function receipt(draft: Draft, { id, stake }: Pick<Envelope, 'id' | 'stake'>): void {
  draft.seen = withSeen(draft.seen, id)
  draft.stake = formatStake(addStake(parseStake(draft.stake), parseStake(stake)))
}

/** Where the stake of a run comes home to. */
export const originOf = (run: RunId): Stop => ({
  role: ORIGIN_ROLE,
  conversation: conversationId(run, ORIGIN_CONVERSATION),
  peer: originPeer(run),
})

/** Whether an idle conversation still has stake to send home: one that was credited while it had an outbox. */
export const owesStake = (record: Pick<ConversationRecord, 'conversation' | 'run' | 'stake'>): boolean =>
  record.conversation !== originOf(record.run).conversation && !isNoStake(parseStake(record.stake))

/**
 * Parts with the stake of a conversation that has become idle.
 * @param sayIdle sends `run.idle` to the origin, with all of it
 */
export function partWithStake(draft: Draft, sayIdle: (origin: Stop) => void): void {
  if (isActive(draft) || !owesStake(draft)) return
  const origin = originOf(draft.run)
  const last = draft.outbox.at(-1)
  if (last === undefined) {
    sayIdle(origin)
    return
  }
  const message: Message = {
    ...last.message,
    stake: formatStake(addStake(parseStake(last.message.stake), parseStake(draft.stake))),
  }
  draft.stake = formatStake(NO_STAKE)
  draft.outbox = [...draft.outbox.slice(0, -1), { ...last, message }]
  draft.sends = draft.sends.map((sent) => (sent.message === last.message ? { ...sent, message } : sent))
}
