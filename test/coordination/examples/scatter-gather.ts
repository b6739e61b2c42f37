import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  defineProtocol,
  defineRole,
  type GatherContext,
  gathering,
  newAgent,
  roleSetup,
  scatterGather,
} from '../../../src/index.ts'

const opinion = scatterGather('opinion', {
  question: z.object({ name: z.string() }),
  answer: z.object({ stars: z.number() }),
})
const rating = defineProtocol(
  'rating',
  1,
  { of: z.object({ name: z.string() }), is: z.object({ stars: z.number() }) },
  { of: ['is'] },
)

// Whoever is asked only answers: a ready agent will do.
export const critic = defineRole({
  name: 'critic',
  description: 'Rates restaurants',
  instructions: 'Give the restaurant one to five stars.',
  accepts: [opinion.messages.ask],
  answers: [opinion.messages.answer],
})

// Who asks goes on with three opinions of five, or fails after a minute.
const round = gathering(opinion, { enough: 3, deadlineMs: 60_000 })
const critics = Array.from({ length: 5 }, () => ({ role: 'critic' }))

export const rater = roleSetup<
  GatherContext<typeof opinion>,
  typeof rating.messages.of | typeof opinion.messages.answer,
  typeof rating.messages.is | typeof opinion.messages.ask
>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...round.none }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        'rating.of': {
          target: 'scattering',
          actions: assign(({ context, event }) =>
            round.ask(
              context,
              critics.map((to) => ({ to, question: event.body })),
            ),
          ),
        },
      },
    },
    ...round.states({ enough: 'rated', short: 'failed' }),
    rated: {
      type: 'final',
      entry: emit(({ context }) => {
        const stars = round.answers(context).map(({ answer }) => answer.stars)
        return { type: 'rating.is', body: { stars: stars.reduce((a, b) => a + b) / stars.length } }
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
