/**
 * The spans that a turn makes, as plain data for its record. Ids derive from (conversation, turn, what), so a turn
 * that is taken again gives the same ones, and no id on the wire names a span that no record holds.
 */
import type { Envelope } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { type MessageId, nameOf, type RoleName } from '../../protocols/ids.ts'
import { digestOf } from '../../traces/digest.ts'
import {
  GENERAL,
  LINK,
  MESSAGING,
  MESSAGING_OPERATION,
  MESSAGING_SYSTEM_NATS,
  relayName,
  SKEIN,
  sendName,
  turnName,
} from '../../traces/names.ts'
import { parseTraceparent, spanIdOf } from '../../traces/propagation.ts'
import type { Span, SpanLink } from '../../traces/span.ts'
import { type Mailbox, mailboxSubject } from '../bus/mailboxes.ts'
import { resourceOf } from '../peer/process.ts'
import type { Draft, TurnContext } from './draft.ts'
import type { ConversationRecord } from './record.ts'
import type { TurnInput } from './turn-input.ts'

/** Id of the span of the turn that a draft takes. */
export const turnSpanId = (draft: Pick<ConversationRecord, 'conversation' | 'turn'>) =>
  spanIdOf(`${draft.conversation}:turn:${draft.turn}`)

/** Id of the span of one message's sending. */
export const sendSpanId = (draft: Pick<ConversationRecord, 'conversation' | 'turn'>, message: string) =>
  spanIdOf(`${draft.conversation}:${draft.turn}:send:${message}`)

/** What every span of a conversation says of itself. */
export const whose = (
  record: Pick<ConversationRecord, 'run' | 'by' | 'role' | 'conversation' | 'epoch'>,
) => ({
  [SKEIN.run]: record.run,
  [SKEIN.peer]: record.by.peer,
  [SKEIN.role]: record.role,
  [SKEIN.conversation]: nameOf(record.conversation),
  [SKEIN.epoch]: record.epoch,
})

/** What a turn took, as far as its span tells of it. */
export type Taken = {
  /** The message, where it was one. */
  readonly envelope?: Envelope
  /** How often it was delivered by now. */
  readonly delivery?: number
  /** The message of the conversation's own that it is about, where it was none itself. */
  readonly about?: MessageId
  /** The failure that it was, or told. */
  readonly failure?: { readonly kind: FailureKind; readonly reason: string }
}

const FAILURE = failure.messages.failure

export function takenOf(input: TurnInput): Taken {
  switch (input.kind) {
    case 'message': {
      const { message, delivery } = input
      const told = message.type === FAILURE.type ? FAILURE.body.safeParse(message.body).data : undefined
      return { envelope: message, ...(delivery && { delivery }), ...(told && { failure: told }) }
    }
    case 'given-up': {
      const { envelope, delivery, failure: kind, reason } = input
      return { envelope, ...(delivery && { delivery }), failure: { kind, reason } }
    }
    case 'overdue':
      return {
        about: input.message,
        failure: input.isNobodyThere
          ? { kind: 'no-peer', reason: 'nobody of the role was there' }
          : { kind: 'timeout', reason: 'no answer came in time' },
      }
    case 'unsent':
      return { failure: { kind: 'refused', reason: input.reason } }
    default:
      return {}
  }
}

/** The turn itself and its sends; none where the head of the trace decided not to record. */
export function turnSpans(draft: Draft, taken: Taken, context: TurnContext): Span[] {
  if (!draft.trace.sampled) return []
  const own = { traceId: draft.trace.traceId, resource: context.resource }
  const { envelope, failure: told } = taken
  const isLate = draft.disposition === 'late'
  // A problem of an earlier turn is none of this one's.
  const isBroken = draft.problem !== null && draft.problemCode !== undefined
  const error = isBroken ? { kind: draft.problemCode!, reason: draft.problem! } : isLate ? undefined : told
  const links = envelope && linksOf(draft, envelope, taken.delivery)
  const turn: Span = {
    ...own,
    spanId: turnSpanId(draft),
    parentSpanId: draft.trace.spanId,
    name: turnName(draft.took.event),
    kind: envelope ? 'consumer' : 'internal',
    startMs: context.takenAt,
    endMs: context.now,
    attributes: {
      ...whose(draft),
      [SKEIN.turn]: draft.turn,
      [SKEIN.event]: draft.took.event,
      [SKEIN.stateFrom]: draft.took.from,
      [SKEIN.stateTo]: draft.took.to,
      [SKEIN.stake]: draft.stake,
      ...(draft.deferred.length > 0 && { [SKEIN.deferred]: draft.deferred.length }),
      ...(draft.unheard > 0 && { [SKEIN.unheard]: draft.unheard }),
      ...(draft.limit && { [SKEIN.limit]: draft.limit }),
      ...(draft.barred.length > 0 && { [SKEIN.barred]: draft.barred.length }),
      ...(told && { [SKEIN.failure]: told.kind, [SKEIN.reason]: told.reason }),
      ...(taken.about && { [MESSAGING.messageConversationId]: taken.about }),
      ...(envelope && receiptAttributes(draft, envelope, taken.delivery, context)),
      // Where it took no message, what it took by name is the outcome of an effect.
      ...(!envelope && draft.took.id !== undefined && { [SKEIN.effect]: draft.took.id }),
      ...(error && { [GENERAL.errorType]: error.kind }),
    },
    ...(links && links.length > 0 && { links }),
    ...(error && { status: { code: 'error', message: error.reason } }),
  }
  const relays = envelope === undefined ? [] : relaySpans(draft, envelope)
  return [...relays, turn, ...draft.sends.map((sent) => sendSpan(draft, sent, own, context.now))]
}

/**
 * Those who passed a message on have no record of it. What they did comes along with it, and whoever takes it has their
 * spans in a record: none is lost, and none made twice.
 */
function relaySpans({ trace, run }: Draft, { id, type, sentAt, traceparent, trail = [] }: Envelope): Span[] {
  const cause = parseTraceparent(traceparent)
  if (cause === undefined) return []
  return trail.map(({ peer, role, host, pid, takenAt, sentAt: passedAt }, index) => ({
    traceId: trace.traceId,
    spanId: spanIdOf(`${id}@${sentAt}:relay:${index + 1}`),
    parentSpanId: cause.traceId === trace.traceId ? cause.spanId : spanIdOf(run),
    name: relayName(type),
    kind: 'internal',
    startMs: takenAt,
    endMs: passedAt,
    attributes: {
      [SKEIN.run]: run,
      [SKEIN.peer]: peer,
      [SKEIN.role]: role,
      [MESSAGING.messageId]: id,
      [SKEIN.event]: type,
      [SKEIN.relay]: index + 1,
    },
    resource: resourceOf({ host, pid }, peer),
  }))
}

/** What the message brought, and what became of it. */
const receiptAttributes = (
  draft: Draft,
  envelope: Envelope,
  delivery: number | undefined,
  { takenAt }: TurnContext,
) => ({
  [MESSAGING.system]: MESSAGING_SYSTEM_NATS,
  [MESSAGING.operationName]: MESSAGING_OPERATION.process,
  [MESSAGING.operationType]: MESSAGING_OPERATION.process,
  [MESSAGING.messageId]: envelope.id,
  ...(envelope.correlation && { [MESSAGING.messageConversationId]: envelope.correlation }),
  [MESSAGING.consumerGroupName]: draft.role,
  [SKEIN.hops]: envelope.hops,
  [SKEIN.deadline]: envelope.deadline,
  [SKEIN.queueMs]: Math.max(0, takenAt - envelope.sentAt),
  ...(delivery !== undefined && { [SKEIN.delivery]: delivery }),
  [SKEIN.disposition]: draft.disposition ?? 'none',
})

/** The message that opened the conversation is its parent already; any later one is a link. */
function linksOf(
  { trace }: Draft,
  { traceparent }: Envelope,
  delivery: number | undefined,
): SpanLink[] | undefined {
  const cause = parseTraceparent(traceparent)
  if (cause === undefined) return undefined
  const link = (why: string): SpanLink => ({
    traceId: cause.traceId,
    spanId: cause.spanId,
    attributes: { [SKEIN.link]: why },
  })
  return [
    ...(cause.spanId === trace.parentSpanId ? [] : [link(LINK.message)]),
    ...(delivery !== undefined && delivery > 1 ? [link(LINK.redelivery)] : []),
  ]
}

/** A mailbox by its kind and role: never by an id. */
export const templateOf = (mailbox: Mailbox, role: RoleName): string =>
  mailbox.kind === 'role' ? mailboxSubject(mailbox) : `${mailbox.kind}.${role}`

function sendSpan(
  draft: Draft,
  { spanId, message, mailbox, via }: Draft['sends'][number],
  own: Pick<Span, 'traceId' | 'resource'>,
  now: number,
): Span {
  const template = templateOf(mailbox, message.to.role)
  const told = message.type === FAILURE.type ? FAILURE.body.safeParse(message.body).data : undefined
  return {
    ...own,
    spanId,
    parentSpanId: turnSpanId(draft),
    name: sendName(template),
    kind: 'producer',
    startMs: now,
    endMs: now,
    attributes: {
      ...whose(draft),
      [MESSAGING.system]: MESSAGING_SYSTEM_NATS,
      [MESSAGING.operationName]: MESSAGING_OPERATION.send,
      [MESSAGING.operationType]: MESSAGING_OPERATION.send,
      [MESSAGING.destinationName]: mailboxSubject(mailbox),
      [MESSAGING.destinationTemplate]: template,
      [MESSAGING.messageId]: message.id,
      ...(message.correlation && { [MESSAGING.messageConversationId]: message.correlation }),
      [SKEIN.event]: message.type,
      [SKEIN.toRole]: message.to.role,
      [SKEIN.toConversation]: nameOf(message.to.conversation),
      [SKEIN.hops]: message.hops,
      [SKEIN.deadline]: message.deadline,
      [SKEIN.stake]: message.stake,
      ...(via && { [SKEIN.via]: via.kind === 'peer' ? via.peer : via.kind }),
      [SKEIN.bodyDigest]: digestOf(message.body),
      ...(draft.awaiting.some(({ id }) => id === message.id) && { [SKEIN.awaits]: true }),
      ...(message.slip.length > 0 && {
        [SKEIN.slip]: message.slip.map(({ conversation }) => nameOf(conversation)),
      }),
      ...(told && { [SKEIN.failure]: told.kind, [SKEIN.reason]: told.reason }),
    },
  }
}
