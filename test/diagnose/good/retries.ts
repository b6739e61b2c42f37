/** The same call again for a reason: the last one failed, or time has passed and something may have come of it. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool, ToolError } from '../../../src/tools/tool.ts'
import { answer, call } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { fetch, fetched, render, film } = defineProtocol(
  'studio',
  1,
  {
    fetch: z.object({ reel: z.string() }),
    fetched: z.object({ metres: z.number() }),
    render: z.object({ scene: z.string() }),
    film: z.object({ minutes: z.number() }),
  },
  { fetch: ['fetched'], render: ['film'] },
).messages

/** An archive that is closed for the first so many times. */
function archive(closedFor: number) {
  let asked = 0
  return defineTool({
    name: 'fetch_reel',
    description: 'fetches a reel',
    input: z.object({ reel: z.string() }),
    output: z.object({ metres: z.number() }),
    async run(_, { clock, signal }) {
      await sleep(clock, 1_200, signal)
      if (asked++ < closedFor) throw new ToolError('busy', 'all reels are out; try again')
      return { output: { metres: 300 } }
    },
  })
}

export const failedCalls: GoodKind = {
  name: 'calls that failed before',
  async run(seed, random) {
    const closedFor = between(random, 1, 3)
    const projectionist = worker('projectionist', {
      ...{ takes: fetch, gives: fetched, tools: [archive(closedFor)] },
      policy({ transcript }) {
        const last = transcript.findLast(({ kind }) => kind === 'result' || kind === 'error')
        return last?.kind === 'result' ? answer(fetched, last.output) : call('fetch_reel', { reel: 'seven' })
      },
    })
    const { spans } = await stage({
      seed,
      goal: 'a reel',
      start: { role: 'projectionist', message: fetch, body: { reel: 'seven' }, answers: [fetched] },
      processes: [process('cinema', projectionist)],
      pace: { projectionist: { failing: 0.12 } },
    })
    return {
      note: `the same call fails ${closedFor} times, then not; the model is busy now and then`,
      due: [],
      spans,
    }
  },
}

/** A render that is so many polls from its end, and says how far it is, or only that it is not there yet. */
function farm(polls: number, tells: boolean) {
  let asked = 0
  return defineTool({
    name: 'render_status',
    description: 'how far a render is',
    input: z.object({ scene: z.string() }),
    output: z.object({ state: z.enum(['waiting', 'rendered']), percent: z.number().nullable() }),
    async run(_, { clock, signal }) {
      await sleep(clock, 80, signal)
      asked++
      const isDone = asked >= polls
      const percent = tells ? Math.round((100 * asked) / polls) : null
      return { output: { state: isDone ? ('rendered' as const) : ('waiting' as const), percent } }
    },
  })
}

const director = (polls: number, tells: boolean, everyMs: number) =>
  defineRole({
    name: 'director',
    description: 'waits for a render',
    instructions: '',
    accepts: [render],
    answers: [film],
    machineTools: [farm(polls, tells)],
    machine: roleSetup<AgentContext & { scene: string }, typeof render, typeof film>([]).createMachine({
      id: 'director',
      context: ({ input }) => ({ ...newAgent(input), scene: '' }),
      initial: 'idle',
      states: {
        idle: {
          on: {
            'studio.render': {
              target: 'looking',
              actions: assign(({ event }) => ({ scene: event.body.scene })),
            },
          },
        },
        looking: {
          invoke: {
            id: 'look',
            src: 'tool',
            input: ({ context }) => ({
              ...{ tool: 'render_status', input: { scene: context.scene }, tree: null },
            }),
            onDone: [
              {
                guard: ({ event }) => (event.output.output as { state: string }).state === 'rendered',
                target: 'shown',
                actions: emit({ type: 'studio.film', body: { minutes: 94 } }),
              },
              { target: 'waiting' },
            ],
            onError: { target: 'failed', actions: 'giveUp' },
          },
        },
        waiting: { after: { [everyMs]: 'looking' } },
        shown: { type: 'final' },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const polling: GoodKind = {
  name: 'polling',
  async run(seed, random) {
    const polls = between(random, 3, 12)
    const tells = random.next() < 0.5
    const { spans } = await stage({
      seed,
      goal: 'a film',
      start: { role: 'director', message: render, body: { scene: 'the storm' }, answers: [film] },
      processes: [process('studio', director(polls, tells, between(random, 4, 30) * 1_000))],
    })
    return {
      note: `a timer has a status read ${polls} times; it ${tells ? 'tells how far it is' : 'says the same until it is done'}`,
      due: [],
      spans,
    }
  },
}
