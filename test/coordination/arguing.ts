/** A flock for the debate: a desk has a question debated by those who follow most, those who never give way, and the late. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { debateAbout } from '../../protocols/debate.ts'
import { defineProtocol } from '../../protocols/define.ts'
import { type DebateContext, type DebateOptions, debating } from '../../src/coordination/debate.ts'
import { debaterMachine } from '../../src/coordination/debater.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

const positionSchema = z.object({ answer: z.string(), because: z.string() })
export type Position = z.infer<typeof positionSchema>

export const matter = debateAbout('matter', {
  question: z.object({ text: z.string() }),
  position: positionSchema,
})
const { turn, position, over } = matter.messages
export type MatterTurn = z.infer<typeof turn.body>

const desk = defineProtocol(
  'desk',
  1,
  {
    /** Minds of the debaters, a letter each. */
    ask: z.object({ minds: z.string() }),
    report: z.object({
      kind: z.enum(['agreed', 'judged', 'undecided']),
      answer: z.string().nullable(),
      rounds: z.number(),
      /** What each said last, and in which round. */
      said: z.array(z.object({ debater: z.string(), answer: z.string(), round: z.number() })),
    }),
  },
  { ask: ['report'] },
)
const { ask, report } = desk.messages
export type DebateReport = z.infer<typeof report.body>

type DeskContext = DebateContext<typeof matter>

const reportOf = ({ debate: { verdict, standings } }: DeskContext): DebateReport => ({
  kind: verdict!.kind,
  answer: verdict!.kind === 'undecided' ? null : verdict!.position.answer,
  rounds: verdict!.rounds,
  said: standings.map(({ debater, position, round }) => ({ debater, answer: position.answer, round })),
})

function deskWith(options: DebateOptions<Position>): Role {
  const debate = debating(matter, options)
  return defineRole({
    name: 'desk',
    description: 'has things debated',
    instructions: '',
    accepts: [ask, position],
    answers: [report],
    sends: [turn, over],
    machine: roleSetup<DeskContext, typeof ask | typeof position, typeof report | typeof turn | typeof over>(
      [],
    ).createMachine({
      id: 'desk',
      context: ({ input }) => ({ ...newAgent(input), ...debate.none }),
      initial: 'idle',
      states: {
        idle: {
          on: {
            'desk.ask': {
              target: 'debating',
              actions: assign(({ context, event }) => {
                const debaters = [...event.body.minds].map((mind) => ({ role: roleOf(mind) }))
                return debate.open(context, { text: 'which letter' }, debaters)
              }),
            },
          },
        },
        ...debate.states({ found: 'reporting', undecided: 'reporting' }),
        reporting: {
          type: 'final',
          entry: emit(({ context }) => ({ type: 'desk.report' as const, body: reportOf(context) })),
        },
      },
    }),
  })
}

const is = { description: 'debates', instructions: '', accepts: [turn, over], answers: [position] }

/** A small letter says itself first and then what most say, a capital itself for ever, `z` nothing in time. */
const roleOf = (mind: string) =>
  mind === 'z' ? 'late' : mind === mind.toLowerCase() ? `follower-${mind}` : `stubborn-${mind.toLowerCase()}`

/** What most say of those it has heard, itself included; what it said before where as many say something else. */
export function mostOf({ own, heard }: Pick<MatterTurn, 'own' | 'heard'>): string {
  const answers = [own!, ...heard.map(({ position }) => position)].map(({ answer }) => answer)
  const count = (answer: string) => answers.filter((other) => other === answer).length
  return answers.reduce((most, answer) => (count(answer) > count(most) ? answer : most))
}

function debater(mind: string): Role {
  if (mind === 'z') return late
  const letter = mind.toLowerCase()
  return defineRole({
    ...is,
    name: roleOf(mind),
    machine: debaterMachine(matter),
    policy({ transcript }) {
      const turns = transcript.flatMap((entry) =>
        entry.kind === 'message' && entry.type === turn.type ? [turn.body.parse(entry.body)] : [],
      )
      const { own, heard } = turns.at(-1)!
      const answer = own === null || mind !== letter ? letter : mostOf({ own, heard })
      return { kind: 'answer', type: position.type, body: { position: { answer, because: 'it is so' } } }
    },
  })
}

/** Longer than any round. */
const LATE_MS = 150_000

const late = defineRole({
  ...is,
  name: 'late',
  machine: roleSetup<AgentContext, typeof turn | typeof over, typeof position>([]).createMachine({
    id: 'late',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: { [turn.type]: 'sleeping', [over.type]: 'over' } },
      sleeping: { after: { [LATE_MS]: 'said' } },
      said: {
        entry: emit({ type: position.type, body: { position: { answer: 'z', because: 'at last' } } }),
        always: 'waiting',
      },
      over: { type: 'final' },
    },
  }),
})

export const reportIn = (output: OriginOutput | undefined): DebateReport =>
  report.body.parse(output?.kind === 'answer' ? output.body : undefined)

/** @param minds of the debaters */
export function arguingFlock(
  minds: string,
  options: DebateOptions<Position>,
  check: (report: DebateReport) => string | undefined = () => undefined,
): SimulatedFlock {
  return {
    crew: [deskWith(options), ...[...new Set(minds)].map(debater)].map((role) => ({ role, count: 1 })),
    start: { role: 'desk', message: ask, body: { minds }, answers: [report] },
    blobs: timelessBlobs(),
    outcomeOf: ({ kind }) => kind,
    check: (output) => (output.kind === 'answer' ? check(reportIn(output)) : JSON.stringify(output)),
  }
}
