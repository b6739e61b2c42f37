/** Who begins: messages from outside any conversation, in envelopes as complete as those of a turn. */
import type { Message } from '../protocols/envelope.ts'
import { conversationId, messageId, peerId, type RunId, roleName } from '../protocols/ids.ts'
import { formatStake, WHOLE_STAKE } from '../src/run/stake.ts'
import { spanIdOf, traceIdOf, traceparent } from '../traces/propagation.ts'
import { pingName, pingRole, rally, stroke } from './rally.ts'

/** Later than the end of any measurement, in milliseconds from now. */
const DEADLINE_MS = 120_000
const HOPS = 64

/** The serve of the `number`-th rally of a run. */
export const serveOf = (run: RunId, number: number, hits: number, now: number): Message => ({
  ...envelopeOf(run, pingName(number), 1, now),
  type: rally.messages.serve.type,
  body: stroke(0, hits),
})

/** So many balls as signals. All but the number and the body is worked out once, as a sender of many would. */
export function ballsOf(run: RunId, of: number, now: number): (hit: number) => Message {
  const envelope = envelopeOf(run, pingName(1), 1, now)
  const [umpire, player] = [envelope.from.conversation, envelope.to.conversation]
  return (hit) => ({
    ...envelope,
    id: messageId(umpire, player, hit),
    type: rally.messages.ping.type,
    body: stroke(hit, of),
  })
}

function envelopeOf(run: RunId, to: string, number: number, now: number): Omit<Message, 'type' | 'body'> {
  const [umpire, player] = [conversationId(run, 'umpire'), conversationId(run, to)]
  return {
    id: messageId(umpire, player, number),
    version: rally.version,
    from: { role: roleName('umpire'), peer: peerId('umpire-1'), conversation: umpire },
    to: { role: pingRole.name, conversation: player },
    run,
    slip: [],
    deadline: now + DEADLINE_MS,
    hops: HOPS,
    stake: formatStake(WHOLE_STAKE),
    sentAt: now,
    traceparent: traceparent({ traceId: traceIdOf(run), spanId: spanIdOf(run) }, true),
  }
}
