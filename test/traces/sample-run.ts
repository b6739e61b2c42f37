/**
 * A made-up run, as skein would trace it: a planner splits a goal, a researcher reads, a coder waits for what was
 * found, breaks a test and mends it. Times are milliseconds from the start of the run.
 */
import {
  chatName,
  executeToolName,
  GEN_AI,
  invokeAgentName,
  invokeWorkflowName,
  RESOURCE,
  runOverName,
  SKEIN,
  sendName,
  turnName,
} from '../../traces/names.ts'
import { spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import type { AttributeValue, Span, SpanKind } from '../../traces/span.ts'

/** 2026-03-02, 09:15:00 UTC */
const START_MS = 1_772_442_900_000

type Sketch = {
  readonly id: string
  readonly parent?: string
  readonly name: string
  readonly kind?: SpanKind
  readonly peer: string
  readonly from: number
  readonly to: number
  readonly attributes?: Record<string, AttributeValue>
  readonly links?: readonly string[]
  readonly error?: string
}

const turn = (number: number, from: string, to: string) => ({
  [SKEIN.turn]: number,
  [SKEIN.stateFrom]: from,
  [SKEIN.stateTo]: to,
})
const tokens = (input: number, output: number) => ({
  [GEN_AI.usageInputTokens]: input,
  [GEN_AI.usageOutputTokens]: output,
})
const chat = chatName('gpt-5-mini')

const SKETCHES: readonly Sketch[] = [
  { id: 'run', name: invokeWorkflowName('mesh'), peer: 'planner-1', from: 0, to: 14 },
  {
    id: 'goal',
    parent: 'run',
    name: sendName('role.planner'),
    kind: 'producer',
    peer: 'planner-1',
    from: 6,
    to: 9.4,
  },

  { id: 'plan', parent: 'goal', name: invokeAgentName('planner'), peer: 'planner-1', from: 11, to: 2_914 },
  {
    id: 'plan.1',
    parent: 'plan',
    name: turnName('run.goal'),
    kind: 'consumer',
    peer: 'planner-1',
    from: 11,
    to: 16,
    attributes: turn(1, 'idle', 'planning'),
  },
  {
    id: 'plan.chat',
    parent: 'plan',
    name: chat,
    kind: 'client',
    peer: 'planner-1',
    from: 18,
    to: 2_870,
    attributes: tokens(812, 264),
  },
  {
    id: 'plan.2',
    parent: 'plan',
    name: turnName('xstate.done.actor.plan'),
    peer: 'planner-1',
    from: 2_871,
    to: 2_889,
    attributes: turn(2, 'planning', 'handed out'),
  },
  {
    id: 'plan.read',
    parent: 'plan',
    name: sendName('role.researcher'),
    kind: 'producer',
    peer: 'planner-1',
    from: 2_890,
    to: 2_896,
  },
  {
    id: 'plan.code',
    parent: 'plan',
    name: sendName('role.coder'),
    kind: 'producer',
    peer: 'planner-1',
    from: 2_897,
    to: 2_902,
  },

  {
    id: 'read',
    parent: 'plan.read',
    name: invokeAgentName('researcher'),
    peer: 'researcher-1',
    from: 2_899,
    to: 6_730,
  },
  {
    id: 'read.1',
    parent: 'read',
    name: turnName('task.assign'),
    kind: 'consumer',
    peer: 'researcher-1',
    from: 2_899,
    to: 2_904,
    attributes: turn(1, 'idle', 'reading'),
  },
  {
    id: 'read.search',
    parent: 'read',
    name: executeToolName('search_documents'),
    peer: 'researcher-1',
    from: 2_906,
    to: 2_968,
  },
  {
    id: 'read.2',
    parent: 'read',
    name: turnName('xstate.done.actor.search'),
    peer: 'researcher-1',
    from: 2_970,
    to: 2_975,
    attributes: turn(2, 'reading', 'summing up'),
  },
  {
    id: 'read.chat',
    parent: 'read',
    name: chat,
    kind: 'client',
    peer: 'researcher-1',
    from: 2_977,
    to: 6_701,
    attributes: tokens(5_310, 402),
  },
  {
    id: 'read.3',
    parent: 'read',
    name: turnName('xstate.done.actor.sum'),
    peer: 'researcher-1',
    from: 6_702,
    to: 6_715,
    attributes: turn(3, 'summing up', 'done'),
  },
  {
    id: 'read.found',
    parent: 'read',
    name: sendName('peer.coder'),
    kind: 'producer',
    peer: 'researcher-1',
    from: 6_716,
    to: 6_721,
  },

  {
    id: 'code',
    parent: 'plan.code',
    name: invokeAgentName('coder'),
    peer: 'coder-1',
    from: 2_907,
    to: 18_460,
  },
  {
    id: 'code.1',
    parent: 'code',
    name: turnName('task.assign'),
    kind: 'consumer',
    peer: 'coder-1',
    from: 2_907,
    to: 2_912,
    attributes: turn(1, 'idle', 'waiting'),
  },
  {
    id: 'code.2',
    parent: 'code',
    name: turnName('task.result'),
    kind: 'consumer',
    peer: 'coder-1',
    from: 6_724,
    to: 6_731,
    attributes: turn(2, 'waiting', 'drafting'),
    links: ['read.found'],
  },
  {
    id: 'code.chat.1',
    parent: 'code',
    name: chat,
    kind: 'client',
    peer: 'coder-1',
    from: 6_733,
    to: 11_240,
    attributes: tokens(7_912, 1_204),
  },
  {
    id: 'code.3',
    parent: 'code',
    name: turnName('xstate.done.actor.draft'),
    peer: 'coder-1',
    from: 11_241,
    to: 11_250,
    attributes: turn(3, 'drafting', 'testing'),
  },
  {
    id: 'code.test.1',
    parent: 'code',
    name: executeToolName('run_tests'),
    peer: 'coder-1',
    from: 11_252,
    to: 13_104,
    error: '2 of 14 tests failed',
  },
  {
    id: 'code.4',
    parent: 'code',
    name: turnName('xstate.error.actor.test'),
    peer: 'coder-1',
    from: 13_105,
    to: 13_111,
    attributes: turn(4, 'testing', 'mending'),
  },
  {
    id: 'code.chat.2',
    parent: 'code',
    name: chat,
    kind: 'client',
    peer: 'coder-1',
    from: 13_113,
    to: 16_380,
    attributes: { ...tokens(9_455, 610), [SKEIN.attempt]: 2 },
  },
  {
    id: 'code.5',
    parent: 'code',
    name: turnName('xstate.done.actor.mend'),
    peer: 'coder-1',
    from: 16_381,
    to: 16_390,
    attributes: turn(5, 'mending', 'testing'),
  },
  {
    id: 'code.test.2',
    parent: 'code',
    name: executeToolName('run_tests'),
    peer: 'coder-1',
    from: 16_392,
    to: 18_431,
  },
  {
    id: 'code.6',
    parent: 'code',
    name: turnName('xstate.done.actor.test'),
    peer: 'coder-1',
    from: 18_432,
    to: 18_444,
    attributes: turn(6, 'testing', 'done'),
  },
  {
    id: 'code.result',
    parent: 'code',
    name: sendName('peer.planner'),
    kind: 'producer',
    peer: 'coder-1',
    from: 18_446,
    to: 18_452,
  },
  {
    id: 'over',
    parent: 'run',
    name: runOverName('completed'),
    peer: 'planner-1',
    from: 18_471,
    to: 18_476,
    attributes: { [SKEIN.outcome]: 'completed' },
    links: ['code.result'],
  },
]

/** By how many milliseconds each peer's host is ahead of the planner's. */
export type Clocks = { readonly [peer: string]: number }

const traceId = traceIdOf('mend-login')

/** The spans of the run, each by the clock of its host. */
export const sampleRun = (clocks: Clocks = {}): Span[] => SKETCHES.map((sketch) => spanOf(sketch, clocks))

/** The id of a span of the run by its name here, as `code.chat.1`. */
export const sampleId = (id: string): string => spanIdOf(`mend-login ${id}`)

function spanOf(sketch: Sketch, clocks: Clocks): Span {
  const { id, parent, name, kind = 'internal', peer, links, error } = sketch
  const startMs = START_MS + (clocks[peer] ?? 0)
  return {
    traceId,
    spanId: sampleId(id),
    ...(parent !== undefined && { parentSpanId: sampleId(parent) }),
    name,
    kind,
    startMs: startMs + sketch.from,
    endMs: startMs + sketch.to,
    attributes: { [SKEIN.run]: 'mend-login', [SKEIN.peer]: peer, ...sketch.attributes },
    ...(links !== undefined && { links: links.map((link) => ({ traceId, spanId: sampleId(link) })) }),
    ...(error !== undefined && { status: { code: 'error', message: error } }),
    resource: {
      [RESOURCE.serviceName]: 'skein',
      [RESOURCE.serviceInstanceId]: `process of ${peer}`,
      [RESOURCE.hostId]: `host of ${peer}`,
    },
  }
}
