/**
 * A made-up run, in the shape in which skein traces one: a planner splits a goal, a researcher reads, a coder waits
 * for what was found, breaks a test and mends it. Times are milliseconds from the start of the run.
 */
import {
  chatName,
  executeToolName,
  GEN_AI,
  GEN_AI_OPERATION,
  invokeAgentName,
  invokeWorkflowName,
  MESSAGING,
  MESSAGING_OPERATION,
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
  /** Id of the parent, a slash, own id; the root has no parent. */
  readonly id: string
  readonly name: string
  readonly peer: string
  readonly from: number
  readonly to: number
  readonly kind?: SpanKind
  readonly attributes?: Record<string, AttributeValue>
  readonly links?: readonly string[]
  readonly error?: string
}

type More = Pick<Sketch, 'links' | 'error' | 'attributes'>

const tokens = (input: number, output: number) => ({
  [GEN_AI.usageInputTokens]: input,
  [GEN_AI.usageOutputTokens]: output,
})

const agent = (id: string, peer: string, from: number, to: number, more?: More): Sketch => {
  const role = peer.replace(/-.*/, '')
  const attributes = {
    [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent,
    [SKEIN.role]: role,
    [SKEIN.conversation]: ownId(id),
    [SKEIN.outcome]: 'done',
    ...more?.attributes,
  }
  return { id, name: invokeAgentName(role), peer, from, to, ...more, attributes }
}

/** What stands behind the slash. */
const ownId = (id: string): string => id.slice(id.indexOf('/') + 1)
const parentId = (id: string): string => id.slice(0, id.indexOf('/'))

const turn = (id: string, peer: string, at: number, event: string, states: string, more?: More): Sketch => {
  const [stateFrom, stateTo] = states.split(' → ') as [string, string]
  const conversation = parentId(id)
  const isOutcome = event.startsWith('xstate.')
  const opening = stateFrom === 'new' ? SENDS_THAT_OPEN[conversation] : undefined
  const message = isOutcome ? undefined : (more?.links?.[0] ?? opening)
  const attributes = {
    [SKEIN.conversation]: conversation,
    [SKEIN.turn]: Number(/\.(\d+)$/.exec(id)?.[1] ?? (stateFrom === 'new' ? 1 : 2)),
    [SKEIN.event]: event,
    [SKEIN.stateFrom]: stateFrom,
    [SKEIN.stateTo]: stateTo,
    ...(message !== undefined && { [MESSAGING.messageId]: message }),
  }
  const kind = isOutcome ? 'internal' : 'consumer'
  return { id, name: turnName(event), peer, from: at, to: at + 6, kind, ...more, attributes }
}

/** By the conversation that it opens. */
const SENDS_THAT_OPEN: Record<string, string> = { plan: 'goal', read: 'assign.read', code: 'assign.code' }

const send = (id: string, peer: string, at: number, to: string, event: string): Sketch => {
  const attributes = {
    [MESSAGING.operationName]: MESSAGING_OPERATION.send,
    [MESSAGING.messageId]: ownId(id),
    [MESSAGING.destinationTemplate]: to,
    [SKEIN.event]: event,
    [SKEIN.toRole]: to.replace(/^(role|peer)\./, ''),
  }
  return { id, name: sendName(to), peer, from: at, to: at, kind: 'producer', attributes }
}

const chat = (id: string, peer: string, from: number, to: number, more: More): Sketch => {
  const attributes = {
    [GEN_AI.operationName]: GEN_AI_OPERATION.chat,
    [GEN_AI.requestModel]: 'gpt-5-mini',
    ...more.attributes,
  }
  return { id, name: chatName('gpt-5-mini'), peer, from, to, kind: 'client', ...more, attributes }
}

const tool = (id: string, peer: string, from: number, to: number, name: string, more?: More): Sketch => {
  const attributes = {
    [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool,
    [GEN_AI.toolName]: name,
    ...more?.attributes,
  }
  return { id, name: executeToolName(name), peer, from, to, ...more, attributes }
}

const [O, P, R, C] = ['origin', 'planner-1', 'researcher-1', 'coder-1'] as const
const GOT_ANSWER = 'xstate.done.actor.chat'
const GOT_RESULT = 'xstate.done.actor.tool'

const SKETCHES: readonly Sketch[] = [
  {
    ...{ id: 'run', name: invokeWorkflowName('mesh'), peer: O, from: 0, to: 4 },
    attributes: { [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow },
  },
  agent('run/origin', O, 3, 18_470),
  turn('origin/start', O, 3, 'run.start', 'new → waiting'),
  send('start/goal', O, 9, 'role.planner', 'task.plan'),

  agent('goal/plan', P, 11, 2_889, { attributes: tokens(812, 264) }),
  turn('plan/plan.1', P, 11, 'task.plan', 'new → thinking'),
  chat('plan.1/plan.chat', P, 18, 2_870, { attributes: tokens(812, 264) }),
  turn('plan/plan.2', P, 2_871, GOT_ANSWER, 'thinking → done'),
  send('plan.2/assign.read', P, 2_877, 'role.researcher', 'task.assign'),
  send('plan.2/assign.code', P, 2_877, 'role.coder', 'task.assign'),

  agent('assign.read/read', R, 2_884, 6_721, { attributes: tokens(5_310, 402) }),
  turn('read/read.1', R, 2_884, 'task.assign', 'new → acting'),
  tool('read.1/read.search', R, 2_892, 2_968, 'search_documents'),
  turn('read/read.2', R, 2_970, GOT_RESULT, 'acting → thinking'),
  chat('read.2/read.chat', R, 2_977, 6_701, { attributes: tokens(5_310, 402) }),
  turn('read/read.3', R, 6_702, GOT_ANSWER, 'thinking → done'),
  send('read.3/read.found', R, 6_708, 'peer.coder', 'task.result'),

  agent('assign.code/code', C, 2_891, 18_452, { attributes: tokens(17_367, 1_814) }),
  turn('code/code.1', C, 2_891, 'task.assign', 'new → waiting'),
  turn('code/code.2', C, 6_712, 'task.result', 'waiting → thinking', { links: ['read.found'] }),
  chat('code.2/code.chat', C, 6_720, 11_240, { attributes: tokens(7_912, 1_204) }),
  turn('code/code.3', C, 11_241, GOT_ANSWER, 'thinking → acting'),
  tool('code.3/code.test', C, 11_249, 13_104, 'run_tests', { error: '2 of 14 tests failed' }),
  turn('code/code.4', C, 13_105, 'xstate.error.actor.tool', 'acting → thinking'),
  chat('code.4/code.mend', C, 13_113, 16_380, {
    attributes: { ...tokens(9_455, 610), [SKEIN.attempt]: 2 },
  }),
  turn('code/code.5', C, 16_381, GOT_ANSWER, 'thinking → acting'),
  tool('code.5/code.again', C, 16_389, 18_431, 'run_tests'),
  turn('code/code.6', C, 18_440, GOT_RESULT, 'acting → done'),
  send('code.6/code.result', C, 18_446, 'peer.origin', 'task.result'),

  turn('origin/done', O, 18_460, 'task.result', 'waiting → done', { links: ['code.result'] }),
  {
    id: 'run/over',
    name: runOverName('completed'),
    peer: O,
    from: 18_471,
    to: 18_476,
    attributes: { [SKEIN.outcome]: 'completed' },
    links: ['done'],
  },
]

/** By how many milliseconds the clock of each peer's host is fast. */
export type Clocks = { readonly [peer: string]: number }

const traceId = traceIdOf('mend-login')

/** The spans of the run, each by the clock of its host. */
export const sampleRun = (clocks: Clocks = {}): Span[] => SKETCHES.map((sketch) => spanOf(sketch, clocks))

/** The id of the span that is called so here: `code.test`. */
export const sampleId = (id: string): string => spanIdOf(`mend-login ${id}`)

function spanOf({ id, name, kind, peer, from, to, links, error, attributes }: Sketch, clocks: Clocks): Span {
  const startMs = START_MS + (clocks[peer] ?? 0)
  const [own, parent] = id.split('/').reverse() as [string, string?]
  return {
    traceId,
    spanId: sampleId(own),
    ...(parent !== undefined && { parentSpanId: sampleId(parent) }),
    name,
    kind: kind ?? 'internal',
    startMs: startMs + from,
    endMs: startMs + to,
    attributes: { [SKEIN.run]: 'mend-login', [SKEIN.peer]: peer, ...attributes },
    ...(links !== undefined && { links: links.map((link) => ({ traceId, spanId: sampleId(link) })) }),
    ...(error !== undefined && { status: { code: 'error', message: error } }),
    resource: {
      [RESOURCE.serviceName]: 'skein',
      [RESOURCE.serviceInstanceId]: peer,
      [RESOURCE.hostId]: `host of ${peer}`,
    },
  }
}
