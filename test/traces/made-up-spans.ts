/** Spans as no run makes them: with times, parents, messages and outcomes at random, and anything missing. */
import fc from 'fast-check'
import {
  GEN_AI,
  GEN_AI_OPERATION,
  MESSAGING,
  MESSAGING_OPERATION,
  RESOURCE,
  SKEIN,
} from '../../traces/names.ts'
import type { AttributeValue, Span } from '../../traces/span.ts'

type Attributes = Record<string, AttributeValue>

const hex = (number: number): string => number.toString(16).padStart(16, '0')

const EVENTS = [
  ...['task.request', 'run.idle', 'xstate.done.actor.chat', 'xstate.error.actor.tool'],
  ...['xstate.after.100.machine.state', 'failure'],
]

const kinds: readonly ((draw: Draw) => [string, Attributes])[] = [
  () => ['invoke_workflow mesh', { [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow }],
  () => ['run completed', { [SKEIN.outcome]: 'completed' }],
  ({ id }) => [
    'invoke_agent coder',
    { [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent, [SKEIN.conversation]: `c${id}` },
  ],
  ({ number, id, event, odd }) => [
    `turn ${event}`,
    {
      ...{
        [SKEIN.turn]: number,
        [SKEIN.event]: event,
        [SKEIN.stateFrom]: 'a',
        [SKEIN.stateTo]: odd ? 'a' : 'b',
      },
      ...(odd && { [SKEIN.queueMs]: number * 10, [SKEIN.effect]: `${number}.0` }),
      ...(event === 'failure' && { [SKEIN.failure]: 'timeout' }),
      ...(id % 2 === 0 && { [MESSAGING.messageId]: `m${number}` }),
    },
  ],
  ({ number, odd }) => [
    'send role.coder',
    {
      ...{ [MESSAGING.operationName]: MESSAGING_OPERATION.send, [MESSAGING.messageId]: `m${number}` },
      ...{ [MESSAGING.destinationTemplate]: odd ? 'role.coder' : 'peer.coder', [SKEIN.awaits]: odd },
      ...{ [SKEIN.event]: 'task.request' },
    },
  ],
  ({ number }) => [
    'chat x',
    { [GEN_AI.operationName]: GEN_AI_OPERATION.chat, [SKEIN.effect]: `${number}.0` },
  ],
  () => ['execute_tool x', { [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool, [GEN_AI.toolName]: 'x' }],
  () => ['takeover coder', { [SKEIN.processBefore]: 'host/1' }],
]

type Draw = { readonly id: number; readonly number: number; readonly event: string; readonly odd: boolean }

const drawn = fc.record({
  id: fc.nat(40),
  parent: fc.option(fc.nat(40), { freq: 8 }),
  kind: fc.nat(kinds.length - 1),
  number: fc.nat(6),
  event: fc.constantFrom(...EVENTS),
  odd: fc.boolean(),
  startMs: fc.nat(1_000),
  lengthMs: fc.oneof(fc.nat(300), fc.constant(-5)),
  peer: fc.nat(3),
  failed: fc.boolean(),
})

/** Times are whole milliseconds, so that sums of them are exact. */
export const madeUpSpans: fc.Arbitrary<Span[]> = fc.array(
  drawn.map(({ parent, kind, startMs, lengthMs, peer, failed, ...draw }): Span => {
    const [name, attributes] = kinds[kind]!(draw)
    return {
      ...{ traceId: 'a'.repeat(32), spanId: hex(draw.id), name, kind: 'internal' },
      ...(parent !== null && parent !== draw.id && { parentSpanId: hex(parent) }),
      ...{ startMs, endMs: startMs + lengthMs, attributes: { ...attributes, [SKEIN.peer]: `p${peer}` } },
      ...(failed && { status: { code: 'error' } }),
      resource: { [RESOURCE.hostId]: `h${peer}` },
    }
  }),
  { maxLength: 60 },
)
