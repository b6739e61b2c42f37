/** A flock for the vote: a chair has two ballots, one after the other, and jurors who each have a mind of their own. */
import { isDeepStrictEqual } from 'node:util'
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { quorumVote } from '../../protocols/vote.ts'
import { type BallotContext, type BallotOptions, balloting } from '../../src/coordination/quorum-vote.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

export const CHOICES = ['ship', 'hold'] as const
/** Minds of jurors, by a letter: for, against, abstaining, for what is no option, late. */
const MINDS = new Map([
  ['s', 'ship'],
  ['h', 'hold'],
  ['a', null],
  ['x', 'sink'],
  ['z', 'hold'],
])

const release = quorumVote('release', {
  subject: z.object({ version: z.string() }),
  choice: z.string(),
})
const { call, cast } = release.messages

const ballotSchema = z.object({
  kind: z.string(),
  choice: z.string().nullable(),
  tally: z.array(z.object({ choice: z.string(), votes: z.number() })),
  abstained: z.number(),
  missing: z.number(),
  votes: z.array(z.object({ voter: z.string(), kind: z.string(), choice: z.string().nullable() })),
})
export type BallotReport = z.infer<typeof ballotSchema>

const desk = defineProtocol(
  'desk',
  1,
  {
    /** Minds of the jurors, of each ballot. */
    ask: z.object({ ballots: z.array(z.string()) }),
    report: z.object({ ballots: z.array(ballotSchema) }),
  },
  { ask: ['report'] },
)
const { ask, report } = desk.messages

type ChairContext = BallotContext<typeof release> & {
  readonly minds: readonly string[]
  readonly reports: readonly BallotReport[]
}

const reported = ({ ballot: { outcome, votes } }: ChairContext): BallotReport => ({
  kind: outcome!.kind,
  choice: outcome!.kind === 'decided' ? outcome!.choice : null,
  tally: outcome!.tally.map((count) => ({ ...count })),
  abstained: outcome!.abstained,
  missing: outcome!.missing,
  votes: votes.map((vote) => ({
    ...{ voter: vote.voter, kind: vote.kind },
    choice: 'choice' in vote ? vote.choice : null,
  })),
})

function chairWith(options: BallotOptions) {
  const ballot = balloting(release, options)
  return defineRole({
    name: 'chair',
    description: 'has things voted on',
    instructions: '',
    accepts: [ask, cast],
    answers: [report],
    sends: [call],
    machine: roleSetup<ChairContext, typeof ask | typeof cast, typeof report | typeof call>([]).createMachine(
      {
        id: 'chair',
        context: ({ input }) => ({ ...newAgent(input), ...ballot.none, minds: [], reports: [] }),
        initial: 'idle',
        states: {
          idle: {
            on: {
              'desk.ask': { target: 'next', actions: assign(({ event }) => ({ minds: event.body.ballots })) },
            },
          },
          next: {
            always: [
              { guard: ({ context }) => context.reports.length === context.minds.length, target: 'done' },
              {
                target: 'voting',
                actions: assign(({ context }) => {
                  const minds = context.minds[context.reports.length]!
                  return ballot.open(context, {
                    subject: { version: `1.${context.reports.length}` },
                    options: CHOICES,
                    voters: [...minds].map((mind) => ({ role: `juror-${mind}` })),
                  })
                }),
              },
            ],
          },
          ...ballot.states({ decided: 'counted', undecided: 'counted' }),
          counted: {
            entry: assign(({ context }) => ({ reports: [...context.reports, reported(context)] })),
            always: 'next',
          },
          done: {
            type: 'final',
            entry: emit(({ context }) => ({
              type: 'desk.report' as const,
              body: { ballots: [...context.reports] },
            })),
          },
        },
      },
    ),
  })
}

/** The ready agent: what it takes and what it answers is all that makes a voter. */
const juror = (letter: string, choice: string | null) =>
  defineRole({
    name: `juror-${letter}`,
    description: 'votes',
    instructions: '',
    accepts: [call],
    answers: [cast],
    policy: () => ({ kind: 'answer', type: cast.type, body: { choice, reason: 'so be it' } }),
  })

/** When the ballot is over long since, for whoever else is in it. */
const LATE_MS = 150_000

/** One that takes its time. */
const sleeper = defineRole({
  name: 'juror-z',
  description: 'votes late',
  instructions: '',
  accepts: [call],
  answers: [cast],
  machine: roleSetup<AgentContext, typeof call, typeof cast>([]).createMachine({
    id: 'juror-z',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: { [call.type]: 'sleeping' } },
      sleeping: { after: { [LATE_MS]: 'voted' } },
      voted: { type: 'final', entry: emit({ type: cast.type, body: { choice: 'hold', reason: 'at last' } }) },
    },
  }),
})

/**
 * What is wrong with a ballot's report: whose vote is not his own, who counts twice (QV1), an outcome that is not that
 * of the votes (QV4).
 * @param minds of those who were called, in the order of their conversations, from the `first`
 */
export function wrongWith({ votes, ...report }: BallotReport, minds: string, first: number) {
  const voters = votes.map(({ voter }) => Number(voter.slice(voter.lastIndexOf('-v') + 2)) - first)
  if (new Set(voters).size < voters.length) return `somebody counts twice: ${JSON.stringify(votes)}`
  for (const [index, { kind, choice }] of votes.entries()) {
    const mind = MINDS.get(minds[voters[index]!]!)
    if (kind !== 'missing' && mind !== choice) return `voter ${voters[index]} has voted ${choice}`
  }
  const counted = CHOICES.map((choice) => ({
    choice,
    votes: votes.filter((vote) => vote.kind === 'voted' && vote.choice === choice).length,
  }))
  return isDeepStrictEqual(counted, report.tally) ? undefined : `counted ${JSON.stringify(report.tally)}`
}

export const ballotsIn = (output: OriginOutput | undefined): readonly BallotReport[] =>
  report.body.parse(output?.kind === 'answer' ? output.body : undefined).ballots

/** @param ballots minds of the jurors, of each ballot */
export function electingFlock(
  ballots: readonly string[],
  options: BallotOptions,
  check: (reports: readonly BallotReport[]) => string | undefined,
): SimulatedFlock {
  const isCalled = ([letter]: readonly [string, unknown]) => ballots.some((minds) => minds.includes(letter))
  return {
    crew: [
      { role: chairWith(options), count: 1 },
      ...[...MINDS].filter(isCalled).map(([letter, choice]) => ({
        role: letter === 'z' ? sleeper : juror(letter, choice),
        count: 1,
      })),
    ],
    start: { role: 'chair', message: ask, body: { ballots: [...ballots] }, answers: [report] },
    blobs: timelessBlobs(),
    outcomeOf: ({ kind }) => kind,
    check: (output) => (output.kind === 'answer' ? check(ballotsIn(output)) : JSON.stringify(output)),
  }
}
