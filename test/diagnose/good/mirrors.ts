/** Two are asked the same; who is slower is told to stop, says that it has, and only then is the answer given. */
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { between, type GoodKind } from './good-run.ts'

const { need, have, get, got, stop } = defineProtocol(
  'mirrors',
  1,
  {
    need: z.object({ file: z.string() }),
    have: z.object({ from: z.string() }),
    get: z.object({ file: z.string() }),
    got: z.object({ from: z.string().nullable() }),
    stop: z.object({}),
  },
  { need: ['have'], get: ['got'] },
).messages

const SITES = ['oslo', 'porto']
type FetcherContext = AgentContext & { readonly from: string | null; readonly heard: number }

const fetcher = defineRole({
  name: 'fetcher',
  description: 'fetches from whoever is quicker',
  instructions: '',
  accepts: [need, got],
  answers: [have],
  sends: [get, stop],
  machine: roleSetup<FetcherContext, typeof need | typeof got, typeof have | typeof get | typeof stop>(
    [],
  ).createMachine({
    id: 'fetcher',
    context: ({ input }) => ({ ...newAgent(input), from: null, heard: 0 }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'mirrors.need': {
            target: 'racing',
            actions: enqueueActions(({ enqueue, event }) => {
              for (const site of SITES)
                enqueue.emit({
                  type: 'mirrors.get',
                  body: event.body,
                  to: { role: `mirror-${site}`, conversation: site },
                })
            }),
          },
        },
      },
      racing: {
        on: {
          'mirrors.got': {
            target: 'stopping',
            actions: [
              assign(({ event }) => ({ from: event.body.from })),
              enqueueActions(({ enqueue, event }) => {
                const slower = SITES.find((site) => site !== event.body.from)!
                enqueue.emit({
                  type: 'mirrors.stop',
                  body: {},
                  to: { role: `mirror-${slower}`, conversation: slower },
                })
              }),
            ],
          },
          failure: 'failed',
        },
      },
      // What the slower one says is that it stopped, or what it had after all.
      stopping: {
        on: {
          'mirrors.got': {
            target: 'fetched',
            actions: emit(({ context }) => ({
              type: 'mirrors.have' as const,
              body: { from: context.from! },
            })),
          },
          failure: 'failed',
        },
      },
      fetched: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const mirror = (site: string) =>
  defineRole({
    name: `mirror-${site}`,
    description: 'has files',
    instructions: '',
    accepts: [get, stop],
    answers: [got],
    concurrency: 2,
    policy: () => answer(got, { from: site }),
    machine: roleSetup<AgentContext, typeof get | typeof stop, typeof got>([got]).createMachine({
      id: `mirror-${site}`,
      context: ({ input }) => newAgent(input),
      initial: 'idle',
      on: {
        'mirrors.stop': { target: '.stopped', actions: emit({ type: 'mirrors.got', body: { from: null } }) },
      },
      states: {
        idle: { on: { 'mirrors.get': { target: 'thinking', actions: 'hear' } } },
        ...agentStates({ answered: 'sent', gaveUp: 'failed' }),
        sent: {
          entry: emit(({ context }) => ({
            type: 'mirrors.got' as const,
            body: context.answer!.body as { from: string },
          })),
          // It may have crossed with an order to stop, which is nothing to it now.
          on: { 'mirrors.stop': 'stopped' },
          after: { 90000: 'stopped' },
        },
        stopped: { type: 'final' },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const mirrors: GoodKind = {
  name: 'mirrors',
  async run(seed, random) {
    const { spans } = await stage({
      seed,
      goal: 'a file',
      start: { role: 'fetcher', message: need, body: { file: 'charts.zip' }, answers: [have] },
      processes: [process('here', fetcher), ...SITES.map((site) => process(site, mirror(site)))],
      pace: {
        'mirror-oslo': { slowestMs: between(random, 2_000, 20_000) },
        'mirror-porto': { slowestMs: 9_000 },
      },
    })
    return { note: 'two do the same, and the slower one is stopped in the middle of a call', due: [], spans }
  },
}
