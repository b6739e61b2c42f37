import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  besideInRing,
  type DebateContext,
  debateAbout,
  debaterMachine,
  debating,
  defineProtocol,
  defineRole,
  newAgent,
  roleSetup,
} from '../../../src/index.ts'

const sum = debateAbout('sum', {
  question: z.object({ text: z.string() }),
  position: z.object({ answer: z.number(), because: z.string() }),
})
const school = defineProtocol(
  'school',
  1,
  { ask: z.object({ text: z.string() }), answer: z.object({ answer: z.number(), agreed: z.boolean() }) },
  { ask: ['answer'] },
)

export const pupil = defineRole({
  name: 'pupil',
  description: 'Solves a problem, and thinks again when it hears what others think',
  instructions:
    'Solve the problem. Look at what the others found: keep your answer or change it, and say why.',
  accepts: [sum.messages.turn, sum.messages.over],
  answers: [sum.messages.position],
  machine: debaterMachine(sum),
})

// Six pupils in a ring, three rounds of a minute at most. Answers are told apart by their number, not by their reasons.
const debate = debating(sum, {
  rounds: 3,
  roundMs: 60_000,
  neighbours: besideInRing,
  keyOf: ({ answer }) => String(answer),
})
const pupils = Array.from({ length: 6 }, () => ({ role: 'pupil' }))

export const teacher = roleSetup<
  DebateContext<typeof sum>,
  typeof school.messages.ask | typeof sum.messages.position,
  typeof school.messages.answer | typeof sum.messages.turn | typeof sum.messages.over
>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...debate.none }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        'school.ask': {
          target: 'debating',
          actions: assign(({ context, event }) => debate.open(context, event.body, pupils)),
        },
      },
    },
    ...debate.states({ found: 'answering', undecided: 'failed' }),
    answering: {
      type: 'final',
      entry: emit(({ context }) => {
        const verdict = context.debate.verdict!
        const answer = verdict.kind === 'undecided' ? 0 : verdict.position.answer
        return { type: 'school.answer', body: { answer, agreed: verdict.kind === 'agreed' } }
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
