/**
 * A flock that asks around: a pollster asks everybody it is told to, rests while late answers come in, and reports.
 * Voters are ready agents, without a machine of their own; some never say a word.
 */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { scatterGather } from '../../protocols/scatter-gather.ts'
import { type GatherContext, type GatherOptions, gathering } from '../../src/coordination/scatter-gather.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'
import { defineTool } from '../../src/tools/tool.ts'

export const poll = scatterGather('poll', {
  question: z.object({ about: z.string() }),
  answer: z.object({ opinion: z.string() }),
})

const survey = defineProtocol(
  'survey',
  1,
  {
    order: z.object({ about: z.array(z.object({ role: z.string(), about: z.string() })) }),
    report: z.object({ opinions: z.array(z.string()), problem: z.string().nullable() }),
  },
  { order: ['report'] },
)
const { order, report } = survey.messages
const { ask, answer } = poll.messages

const pollster = (options: GatherOptions) => {
  const round = gathering(poll, options)
  const machine = roleSetup<
    GatherContext<typeof poll>,
    typeof order | typeof answer,
    typeof report | typeof ask
  >([]).createMachine({
    id: 'pollster',
    context: ({ input }) => ({ ...newAgent(input), ...round.none }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'survey.order': {
            target: 'scattering',
            actions: assign(({ context, event }) =>
              round.ask(
                context,
                event.body.about.map(({ role, about }) => ({ to: { role }, question: { about } })),
              ),
            ),
          },
        },
      },
      ...round.states({ enough: 'resting', short: 'resting' }),
      resting: { after: { 15000: 'reporting' } },
      reporting: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'survey.report' as const,
          body: {
            opinions: round.answers(context).map((one) => one.answer.opinion),
            problem: context.problem,
          },
        })),
      },
    },
  })
  return defineRole({
    name: 'pollster',
    description: 'asks around',
    instructions: '',
    accepts: [order, answer],
    answers: [report],
    sends: [ask],
    machine,
  })
}

const ponder = defineTool({
  name: 'ponder',
  description: 'takes its time',
  input: z.object({ about: z.string() }),
  output: z.object({ opinion: z.string() }),
  run: async ({ about }) => ({ output: { opinion: `${about}!` } }),
})

const opine: OfflinePolicy = ({ transcript }) => {
  const [asked, pondered] = ['message', 'result'].map((kind) =>
    transcript.find((entry) => entry.kind === kind),
  )
  if (pondered?.kind === 'result')
    return { kind: 'answer', type: 'poll.answer', body: { answer: pondered.output } }
  const { question } = ask.body.parse((asked as { body: unknown }).body)
  return { kind: 'call', tool: 'ponder', input: question }
}

const is = { description: 'is asked', instructions: '', accepts: [ask], answers: [answer] }
const voter = defineRole({ name: 'voter', ...is, tools: [ponder], policy: opine, concurrency: 4 })
const mute = defineRole({
  name: 'mute',
  ...is,
  machine: roleSetup<AgentContext, typeof ask, typeof answer>([]).createMachine({
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: { waiting: { on: { 'poll.ask': 'silent' } }, silent: {} },
  }),
})

/** @param about whom to ask what */
export const pollsFlock = (
  about: readonly { readonly role: 'voter' | 'mute' | 'pollster'; readonly about: string }[],
  options: GatherOptions,
): SimulatedFlock => ({
  crew: [
    { role: pollster(options), count: 1 },
    { role: voter, count: 2 },
    { role: mute, count: 1 },
  ],
  start: { role: 'pollster', message: order, body: { about: [...about] }, answers: [report] },
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: () => undefined, // the tests look at it
})
