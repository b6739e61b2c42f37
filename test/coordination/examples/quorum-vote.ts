import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  type BallotContext,
  balloting,
  defineProtocol,
  defineRole,
  moreThanHalf,
  newAgent,
  quorumVote,
  roleSetup,
} from '../../../src/index.ts'

const release = quorumVote('release', {
  subject: z.object({ version: z.string(), notes: z.string() }),
  choice: z.enum(['ship', 'hold']),
})
const desk = defineProtocol(
  'desk',
  1,
  {
    ask: z.object({ version: z.string(), notes: z.string() }),
    decision: z.object({ ship: z.boolean(), why: z.string() }),
  },
  { ask: ['decision'] },
)

// Whoever is asked only answers: a ready agent will do.
export const maintainer = defineRole({
  name: 'maintainer',
  description: 'Votes on releases',
  instructions: 'Read the notes. Vote for "ship" only if nothing in them breaks what users have. Say why.',
  accepts: [release.messages.call],
  answers: [release.messages.cast],
})

// Who asks: five vote within two minutes, three have to, and three votes ship it.
const ballot = balloting(release, { closesInMs: 120_000, quorum: moreThanHalf, majority: moreThanHalf })
const voters = Array.from({ length: 5 }, () => ({ role: 'maintainer' }))

export const releaseManager = roleSetup<
  BallotContext<typeof release>,
  typeof desk.messages.ask | typeof release.messages.cast,
  typeof desk.messages.decision | typeof release.messages.call
>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...ballot.none }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        'desk.ask': {
          target: 'voting',
          actions: assign(({ context, event }) =>
            ballot.open(context, { subject: event.body, options: ['ship', 'hold'], voters }),
          ),
        },
      },
    },
    ...ballot.states({ decided: 'deciding', undecided: 'deciding' }),
    deciding: {
      type: 'final',
      entry: emit(({ context }) => {
        const outcome = context.ballot.outcome!
        const ship = outcome.kind === 'decided' && outcome.choice === 'ship'
        return { type: 'desk.decision', body: { ship, why: JSON.stringify(outcome) } }
      }),
    },
  },
})
