/** The spans of a conversation as a whole, and of its passing from one process to another. */
import {
  GEN_AI,
  GEN_AI_OPERATION,
  GENERAL,
  invokeAgentName,
  LINK,
  SKEIN,
  takeoverName,
} from '../../traces/names.ts'
import { spanIdOf } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import type { TurnContext } from './draft.ts'
import type { ConversationRecord } from './record.ts'
import { turnSpanId, whose } from './spans.ts'

/**
 * The span of a whole conversation. Made when it closes; of one that never did, by whoever reads the journal, so that
 * what hangs below it is no orphan.
 * @param problemCode of why it failed
 */
export function conversationSpan(
  record: ConversationRecord,
  resource: Span['resource'],
  problemCode = 'conversation.failed',
): Span {
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
      ...whose(record),
      [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent,
      [GEN_AI.agentName]: record.role,
      [GEN_AI.agentId]: record.by.peer,
      [GEN_AI.conversationId]: record.conversation,
      [GEN_AI.usageInputTokens]: record.usage.inputTokens,
      [GEN_AI.usageOutputTokens]: record.usage.outputTokens,
      [SKEIN.outcome]: record.phase === 'open' ? 'open' : record.problem === null ? 'done' : 'failed',
      ...(record.problem !== null && { [GENERAL.errorType]: problemCode }),
    },
    ...(record.problem !== null && { status: { code: 'error', message: record.problem } }),
    resource,
  }
}

/** Id of the span of a takeover: one for each epoch. */
export const takeoverSpanId = ({ conversation }: ConversationRecord, epoch: number) =>
  spanIdOf(`${conversation}:takeover:${epoch}`)

/** A conversation goes on in another process, from the record that the one before it left. */
export function takeoverSpan(left: ConversationRecord, context: TurnContext): Span {
  const { trace, by } = left
  const { peer, epoch, host, pid } = context
  return {
    traceId: trace.traceId,
    spanId: takeoverSpanId(left, epoch),
    parentSpanId: trace.spanId,
    name: takeoverName(left.role),
    kind: 'internal',
    startMs: context.takenAt,
    endMs: context.now,
    attributes: {
      ...whose({ ...left, epoch, by: { peer, host, pid } }),
      [SKEIN.epochBefore]: left.epoch,
      [SKEIN.processBefore]: `${by.host}/${by.pid}`,
    },
    links: [
      { traceId: trace.traceId, spanId: turnSpanId(left), attributes: { [SKEIN.link]: LINK.adoption } },
    ],
    resource: context.resource,
  }
}
