/** Who begins: messages from outside any conversation, in envelopes as complete as those of a turn. */
import type { MessageDefinition } from '../protocols/define.ts'
import type { Message } from '../protocols/envelope.ts'
import {
  type ConversationId,
  conversationId,
  messageId,
  peerId,
  type RunId,
  roleName,
} from '../protocols/ids.ts'
import type { Role } from '../src/role/define.ts'
import { formatStake, NO_STAKE } from '../src/run/stake.ts'
import { spanIdOf, traceIdOf, traceparent } from '../traces/propagation.ts'
import { pingName, pingRole, rally, stroke } from './rally.ts'

/** Later than the end of any measurement, in milliseconds from now. */
const DEADLINE_MS = 120_000
const HOPS = 64

const { serve, ping } = rally.messages

/** The serve of the `number`-th rally of a run. */
export const serveOf = (run: RunId, number: number, hits: number, now: number, sampled = true): Message => ({
  ...envelopeOf(serve, run, player(run, number), 1, now, sampled),
  body: stroke(0, hits),
})

/** So many balls as signals. All but the number and the body is worked out once, as a sender of many would. */
export function ballsOf(run: RunId, of: number, now: number): (hit: number) => Message {
  const envelope = envelopeOf(ping, run, player(run, 1), 1, now)
  const { from, to } = envelope
  return (hit) => ({
    ...envelope,
    id: messageId(from.conversation, to.conversation, hit),
    body: stroke(hit, of),
  })
}

const player = (run: RunId, number: number) => ({
  role: pingRole.name,
  conversation: conversationId(run, pingName(number)),
})

/** The `number`-th message from outside to a conversation, but for what it says. */
export function envelopeOf(
  { type, version }: MessageDefinition,
  run: RunId,
  to: { readonly role: Role['name']; readonly conversation: ConversationId },
  number: number,
  now: number,
  sampled = true,
): Omit<Message, 'body'> {
  const umpire = conversationId(run, 'umpire')
  return {
    id: messageId(umpire, to.conversation, number),
    type,
    version,
    from: { role: roleName('umpire'), peer: peerId('umpire-1'), conversation: umpire },
    to,
    run,
    slip: [],
    deadline: now + DEADLINE_MS,
    hops: HOPS,
    // Of no run that anybody accounts for: a rally ends without a word to an origin that is not there.
    stake: formatStake(NO_STAKE),
    sentAt: now,
    traceparent: traceparent({ traceId: traceIdOf(run), spanId: spanIdOf(run) }, sampled),
  }
}
