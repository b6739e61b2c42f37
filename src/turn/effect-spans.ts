/** The spans of effects: an effect has its id in the record before it starts, whoever ends it. */
import { GEN_AI, GEN_AI_OPERATION, GENERAL, LINK, SKEIN } from '../../traces/names.ts'
import type { Span } from '../../traces/span.ts'
import type { Draft } from './draft.ts'
import type { EffectResult } from './effects.ts'
import type { Effect } from './record.ts'
import { whose } from './spans.ts'

/** The span of an effect that ended. */
export function effectSpan(draft: Draft, effect: Effect, { span, ok, ...result }: EffectResult): Span {
  const error = ok ? undefined : (result as { error: { code: string; message: string } }).error
  const { traceId } = draft.trace
  return {
    traceId,
    spanId: effect.spanId,
    parentSpanId: effect.parentSpanId,
    name: span.name,
    kind: span.kind,
    startMs: span.startedAt,
    endMs: span.endedAt,
    attributes: {
      ...whose(draft),
      [SKEIN.effect]: effect.name,
      [SKEIN.attempt]: effect.attempt,
      ...span.attributes,
      ...(error && { [GENERAL.errorType]: error.code }),
    },
    ...(effect.resumedBy && {
      links: [{ traceId, spanId: effect.resumedBy, attributes: { [SKEIN.link]: LINK.resumption } }],
    }),
    ...(error && { status: { code: 'error', message: error.message } }),
    resource: span.resource,
  }
}

/** What it would have been: nobody asks a handler any more. */
const OPERATION: Readonly<Record<string, string>> = {
  chat: GEN_AI_OPERATION.chat,
  tool: GEN_AI_OPERATION.executeTool,
}

/** The span of an effect that the conversation went on without. */
export const droppedSpan = (draft: Draft, effect: Effect): Span =>
  effectSpan(draft, effect, {
    ok: false,
    error: { code: 'effect.unwanted', message: 'the conversation went on without it' },
    span: {
      name: effect.src,
      kind: 'internal',
      attributes: {
        ...(OPERATION[effect.src] && { [GEN_AI.operationName]: OPERATION[effect.src]! }),
        ...(effect.src === 'person' && { [SKEIN.personKind]: (effect.input as { kind: string }).kind }),
      },
      startedAt: effect.startedAt,
      endedAt: draft.now,
      resource: draft.resource,
    },
  })
