/** A small flock for the simulator: a dispatcher hands errands to runners, waits for all of them, and reports. */
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { failure } from '../../protocols/failure.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run } from '../../protocols/run.ts'
import { offlineModel } from '../../src/model/offline.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { chatHandler } from '../../src/role/chat.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { toolHandler } from '../../src/role/use-tool.ts'
import type { SimulatedPeer } from '../../src/simulation/world.ts'
import { type Clock, sleep } from '../../src/time/clock.ts'
import { defineTool } from '../../src/tools/tool.ts'
import type { EffectHandler } from '../../src/turn/effects.ts'

export const errands = defineProtocol(
  'errands',
  1,
  {
    plan: z.object({ errands: z.array(z.string()) }),
    report: z.object({ done: z.array(z.string()), failed: z.number() }),
    go: z.object({ errand: z.string() }),
    back: z.object({ errand: z.string(), brought: z.string() }),
  },
  { plan: ['report'], go: ['back'] },
)
const { plan, report, go, back } = errands.messages

export const registry = createRegistry([errands, run, failure])

type DispatcherContext = AgentContext & {
  readonly wanted: number
  readonly done: readonly string[]
  readonly failed: number
}

const dispatcherMachine = roleSetup<DispatcherContext, typeof plan | typeof back, typeof report | typeof go>(
  [],
).createMachine({
  id: 'dispatcher',
  context: ({ input }) => ({ ...newAgent(input), wanted: 0, done: [], failed: 0 }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        'errands.plan': {
          target: 'waiting',
          actions: [
            assign(({ event }) => ({ wanted: event.body.errands.length })),
            enqueueActions(({ enqueue, event }) => {
              for (const [index, errand] of event.body.errands.entries()) {
                enqueue.emit({
                  type: 'errands.go',
                  body: { errand },
                  to: { role: 'runner', conversation: `errand-${index}` },
                })
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
    resting: { after: { 2000: 'reported' } },
    reported: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'errands.report' as const,
        body: { done: [...context.done].sort(), failed: context.failed },
      })),
    },
  },
})

export const dispatcher = defineRole({
  name: 'dispatcher',
  description: 'hands out errands',
  instructions: '',
  accepts: [plan, back],
  answers: [report],
  sends: [go as never],
  machine: dispatcherMachine as never,
})

const fetchIt = defineTool({
  name: 'fetch_it',
  description: 'fetches a thing',
  input: z.object({ errand: z.string() }),
  output: z.object({ thing: z.string() }),
  run: async ({ errand }) => ({ output: { thing: `${errand}!` } }),
})

export const runner = defineRole({
  name: 'runner',
  description: 'runs errands',
  instructions: '',
  accepts: [go],
  answers: [back],
  tools: [fetchIt],
  policy: ({ transcript }) => {
    const [work] = transcript
    const { errand } = (work as { body: { errand: string } }).body
    const result = transcript.find((entry) => entry.kind === 'result')
    if (result === undefined) return { kind: 'call', tool: 'fetch_it', input: { errand } }
    return {
      kind: 'answer',
      type: 'errands.back',
      body: { errand, brought: (result.output as { thing: string }).thing },
    }
  },
})

/** A role as a peer of the simulator: its effects take virtual time. */
export function simulated(role: Role, latencyMs: number, limit = 1): SimulatedPeer {
  return {
    behaviour: behaviourOf(role),
    limit,
    handlers: (clock, started) => {
      const slow = (handler: EffectHandler): EffectHandler => ({
        ...handler,
        async run(input, context) {
          started(context.record, context.name)
          await sleep(clock, latencyMs, context.signal)
          return handler.run(input, context)
        },
      })
      const bench = async () => ({
        tree: undefined,
        documents: undefined,
        blobs: undefined as never,
        records: undefined as never,
        clock,
        scratch: '',
      })
      return {
        chat: slow(chatHandler(role, offlineModel({ [role.name]: role.policy }), undefined as never)),
        tool: slow(toolHandler(role, bench)),
      }
    },
  }
}

export const flock = (_clock?: Clock) => ({
  'dispatcher-1': simulated(dispatcher, 10),
  'runner-1': simulated(runner, 300),
  'runner-2': simulated(runner, 500),
})
