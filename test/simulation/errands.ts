/**
 * A small flock for the simulator: a dispatcher hands errands to runners, with something to bring besides, waits for
 * all of them, rests, and reports. It has what goes wrong: fan-out, a join, mail for who is at work, and a timer.
 */
import { isDeepStrictEqual } from 'node:util'
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'
import { defineTool } from '../../src/tools/tool.ts'

export const errands = defineProtocol(
  'errands',
  1,
  {
    /** `thanks`: the runners are thanked in the end. */
    plan: z.object({ errands: z.array(z.string()), thanks: z.boolean().optional() }),
    report: z.object({ done: z.array(z.string()), failed: z.number() }),
    go: z.object({ errand: z.string() }),
    /** Something to bring besides, for who goes already. */
    more: z.object({ errand: z.string() }),
    back: z.object({ brought: z.string() }),
  },
  { plan: ['report'], go: ['back'] },
)
const { plan, report, go, more, back } = errands.messages

type DispatcherContext = AgentContext & {
  readonly wanted: number
  readonly thanks: boolean
  readonly done: readonly string[]
  readonly failed: number
}

const dispatcherMachine = roleSetup<
  DispatcherContext,
  typeof plan | typeof back,
  typeof report | typeof go | typeof more
>([]).createMachine({
  id: 'dispatcher',
  context: ({ input }) => ({ ...newAgent(input), wanted: 0, thanks: false, done: [], failed: 0 }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        'errands.plan': {
          target: 'waiting',
          actions: [
            assign(({ event }) => ({
              wanted: event.body.errands.length,
              thanks: event.body.thanks ?? false,
            })),
            enqueueActions(({ enqueue, event }) => {
              for (const [index, errand] of event.body.errands.entries()) {
                const to = { role: 'runner', conversation: `errand-${index}` }
                enqueue.emit({ type: 'errands.go', body: { errand }, to })
                enqueue.emit({ type: 'errands.more', body: { errand: `more ${errand}` }, to })
              }
            }),
          ],
        },
      },
    },
    waiting: {
      always: {
        guard: ({ context }) => context.done.length + context.failed === context.wanted,
        target: 'resting',
      },
      on: {
        'errands.back': {
          actions: assign(({ context, event }) => ({ done: [...context.done, event.body.brought] })),
        },
        failure: { actions: assign(({ context }) => ({ failed: context.failed + 1 })) },
      },
    },
    // A pause before the report, so that there is a timer to lose.
    resting: { after: { 15000: 'reported' } },
    reported: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context }) => {
        // Nobody waits for what becomes of these.
        for (let index = 0; context.thanks && index < context.wanted; index++) {
          const to = { role: 'runner', conversation: `errand-${index}` }
          enqueue.emit({ type: 'errands.more', body: { errand: 'thanks' }, to })
        }
        const body = { done: [...context.done].sort(), failed: context.failed }
        enqueue.emit({ type: 'errands.report', body })
      }),
    },
  },
})

export const dispatcher = defineRole({
  name: 'dispatcher',
  description: 'hands out errands',
  instructions: '',
  accepts: [plan, back],
  answers: [report],
  sends: [go, more],
  machine: dispatcherMachine,
})

type RunnerContext = AgentContext & { readonly heard: number }

const runnerMachine = roleSetup<RunnerContext, typeof go | typeof more, typeof back>([back]).createMachine({
  id: 'runner',
  context: ({ input }) => ({ ...newAgent(input), heard: 0 }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'errands.go': {
          target: 'thinking',
          actions: ['hear', assign(({ context }) => ({ heard: context.heard + 1 }))],
        },
      },
    },
    ...agentStates({ answered: 'checking', gaveUp: 'failed' }),
    checking: {
      always: { guard: ({ context }) => context.heard === 2, target: 'answered' },
      on: {
        'errands.more': {
          target: 'thinking',
          actions: ['hear', assign(({ context }) => ({ heard: context.heard + 1, answer: null }))],
        },
      },
    },
    answered: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'errands.back' as const,
        body: context.answer!.body as { brought: string },
      })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const fetchIt = defineTool({
  name: 'fetch_it',
  description: 'fetches a thing',
  input: z.object({ errand: z.string() }),
  output: z.object({ thing: z.string() }),
  run: async ({ errand }) => ({ output: { thing: `${errand}!` } }),
})

/** A call for each message, then what came of all calls. */
const run: OfflinePolicy = ({ transcript }) => {
  const wanted = transcript.flatMap((entry) =>
    entry.kind === 'message' ? [(entry.body as { errand: string }).errand] : [],
  )
  const things = transcript.flatMap((entry) =>
    entry.kind === 'result' ? [(entry.output as { thing: string }).thing] : [],
  )
  const next = wanted[things.length]
  if (next !== undefined) return { kind: 'call', tool: 'fetch_it', input: { errand: next } }
  return { kind: 'answer', type: 'errands.back', body: { brought: things.join(' ') } }
}

export const runner = defineRole({
  name: 'runner',
  description: 'runs errands',
  instructions: '',
  accepts: [go, more],
  answers: [back],
  tools: [fetchIt],
  machine: runnerMachine,
  policy: run,
})

/** What the flock comes back with. */
export const everything = (things: readonly string[] = THINGS): OriginOutput => ({
  kind: 'answer',
  type: 'errands.report',
  body: { done: things.map((thing) => `${thing}! more ${thing}!`), failed: 0 },
})

const THINGS = ['milk', 'salt', 'tea']

/** @param things what to bring, in alphabetical order */
export const errandsFlock = (things: readonly string[] = THINGS, thanks = false): SimulatedFlock => ({
  crew: [
    { role: dispatcher, count: 1 },
    { role: runner, count: 2 },
  ],
  start: {
    role: 'dispatcher',
    message: plan,
    body: { errands: [...things], thanks },
    answers: [report],
  },
  limits: { tokens: 50_000_000, money: null, messages: 1_000 },
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: (output) =>
    isDeepStrictEqual(output, everything(things))
      ? undefined
      : `the run ended with ${JSON.stringify(output)}`,
})

/** Of a world where an errand may be refused: all are accounted for. */
export const crowdedFlock = (): SimulatedFlock => ({
  ...errandsFlock(),
  check(output) {
    const { done = [], failed = 0 } = output.kind === 'answer' ? (output.body as Report) : {}
    return done.length + failed === THINGS.length ? undefined : `the run ended with ${JSON.stringify(output)}`
  },
})

type Report = { readonly done?: readonly string[]; readonly failed?: number }
