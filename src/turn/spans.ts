/**
 * The spans that a turn makes, as plain data for its record. Ids derive from (conversation, turn, what), so a turn
 * that is taken again gives the same ones, and no id on the wire names a span that no record holds.
 */
import { nameOf } from '../../protocols/ids.ts'
import {
  GEN_AI,
  GEN_AI_OPERATION,
  GENERAL,
  invokeAgentName,
  MESSAGING,
  MESSAGING_OPERATION,
  MESSAGING_SYSTEM_NATS,
  SKEIN,
  sendName,
  turnName,
} from '../../traces/names.ts'
import { parseTraceparent, spanIdOf } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import { mailboxSubject } from '../bus/mailboxes.ts'
import type { Behaviour } from './behaviour.ts'
import type { Draft, TurnContext } from './draft.ts'
import type { EffectResult } from './effects.ts'
import type { ConversationRecord, Effect } from './record.ts'
import type { TurnInput } from './turn-input.ts'

/** Id of the span of the turn that a draft takes. */
export const turnSpanId = (draft: Pick<ConversationRecord, 'conversation' | 'turn'>) =>
  spanIdOf(`${draft.conversation}:turn:${draft.turn}`)

/** Id of the span of one message's sending. */
export const sendSpanId = (draft: Pick<ConversationRecord, 'conversation' | 'turn'>, message: string) =>
  spanIdOf(`${draft.conversation}:${draft.turn}:send:${message}`)

/** The turn itself and its sends; none where the head of the trace decided not to record. */
export function turnSpans(
  draft: Draft,
  behaviour: Behaviour,
  input: TurnInput,
  context: TurnContext,
): Span[] {
  if (!draft.trace.sampled) return []
  const { traceId } = draft.trace
  const own = { traceId, resource: context.resource }
  const message =
    input.kind === 'message' ? input.message : input.kind === 'given-up' ? input.envelope : undefined
  const cause = message && parseTraceparent(message.traceparent)
  const turn: Span = {
    ...own,
    spanId: turnSpanId(draft),
    parentSpanId: draft.trace.spanId,
    name: turnName(draft.took.event),
    kind: message ? 'consumer' : 'internal',
    startMs: context.takenAt,
    endMs: context.now,
    attributes: {
      ...common(draft),
      [SKEIN.turn]: draft.turn,
      [SKEIN.event]: draft.took.event,
      [SKEIN.stateFrom]: draft.took.from,
      [SKEIN.stateTo]: draft.took.to,
      ...(message && {
        [MESSAGING.system]: MESSAGING_SYSTEM_NATS,
        [MESSAGING.operationName]: MESSAGING_OPERATION.process,
        [MESSAGING.operationType]: MESSAGING_OPERATION.process,
        [MESSAGING.messageId]: message.id,
        [MESSAGING.consumerGroupName]: behaviour.role,
        [SKEIN.hops]: message.hops,
        [SKEIN.deadline]: message.deadline,
        [SKEIN.queueMs]: Math.max(0, context.takenAt - message.sentAt),
      }),
    },
    // The message that opened the conversation is its parent already; any later one is a link.
    ...(cause &&
      cause.spanId !== draft.trace.parentSpanId && {
        links: [{ traceId: cause.traceId, spanId: cause.spanId }],
      }),
    ...(draft.problem !== null && { status: { code: 'error', message: draft.problem } }),
  }
  return [turn, ...draft.sends.map((sent) => sendSpan(draft, sent, own, context.now))]
}

function sendSpan(
  draft: Draft,
  { spanId, message, mailbox }: Draft['sends'][number],
  own: Pick<Span, 'traceId' | 'resource'>,
  now: number,
): Span {
  const template = mailbox.kind === 'role' ? mailboxSubject(mailbox) : `peer.${message.to.role}`
  return {
    ...own,
    spanId,
    parentSpanId: turnSpanId(draft),
    name: sendName(template),
    kind: 'producer',
    startMs: now,
    endMs: now,
    attributes: {
      ...common(draft),
      [MESSAGING.system]: MESSAGING_SYSTEM_NATS,
      [MESSAGING.operationName]: MESSAGING_OPERATION.send,
      [MESSAGING.operationType]: MESSAGING_OPERATION.send,
      [MESSAGING.destinationName]: mailboxSubject(mailbox),
      [MESSAGING.destinationTemplate]: template,
      [MESSAGING.messageId]: message.id,
      [SKEIN.event]: message.type,
      [SKEIN.hops]: message.hops,
      [SKEIN.stake]: message.stake,
    },
  }
}

/** The span of an effect that the conversation went on without. */
export const droppedSpan = (draft: Draft, effect: Effect): Span =>
  effectSpan(draft, effect, {
    ok: false,
    error: { code: 'effect.unwanted', message: 'the conversation went on without it' },
    span: {
      name: effect.src,
      kind: 'internal',
      attributes: {},
      startedAt: effect.startedAt,
      endedAt: draft.now,
      resource: draft.resource,
    },
  })

/** The span of an effect that ended. */
export function effectSpan(draft: Draft, effect: Effect, { span, ok, ...result }: EffectResult): Span {
  const error = ok ? undefined : (result as { error: { code: string; message: string } }).error
  return {
    traceId: draft.trace.traceId,
    spanId: effect.spanId,
    parentSpanId: effect.parentSpanId,
    name: span.name,
    kind: span.kind,
    startMs: span.startedAt,
    endMs: span.endedAt,
    attributes: {
      ...common(draft),
      [SKEIN.attempt]: effect.attempt,
      ...span.attributes,
      ...(error && { [GENERAL.errorType]: error.code }),
    },
    ...(error && { status: { code: 'error', message: error.message } }),
    resource: span.resource,
  }
}

/**
 * The span of a whole conversation. Made when it closes; of one that never did, by whoever reads the journal, so that
 * what hangs below it is no orphan.
 */
export function conversationSpan(record: ConversationRecord, resource: Span['resource']): Span {
  const { traceId, spanId, parentSpanId, startedAt } = record.trace
  return {
    traceId,
    spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name: invokeAgentName(record.role),
    kind: 'internal',
    startMs: startedAt,
    endMs: record.at,
    attributes: {
      ...common(record),
      [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent,
      [GEN_AI.agentName]: record.role,
      [GEN_AI.agentId]: record.by.peer,
      [GEN_AI.conversationId]: record.conversation,
      [GEN_AI.usageInputTokens]: record.usage.inputTokens,
      [GEN_AI.usageOutputTokens]: record.usage.outputTokens,
      [SKEIN.outcome]: record.phase === 'open' ? 'open' : record.problem === null ? 'done' : 'failed',
    },
    ...(record.problem !== null && { status: { code: 'error', message: record.problem } }),
    resource,
  }
}

const common = (record: Pick<ConversationRecord, 'run' | 'by' | 'role' | 'conversation' | 'epoch'>) => ({
  [SKEIN.run]: record.run,
  [SKEIN.peer]: record.by.peer,
  [SKEIN.role]: record.role,
  [SKEIN.conversation]: nameOf(record.conversation),
  [SKEIN.epoch]: record.epoch,
})
