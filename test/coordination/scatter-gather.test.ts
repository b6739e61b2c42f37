import { describe, expect, it } from 'vitest'
import { failure } from '../../protocols/failure.ts'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { type GatherContext, type GatherOptions, gathering } from '../../src/coordination/scatter-gather.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { contextsOf, sentIn } from './journal.ts'
import { poll, pollsFlock } from './polls.ts'

const { storm, none } = PROFILES
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
const SEEDS = Number(process.env.SEEDS ?? 1)

type Context = GatherContext<typeof poll>

const voters = ['ham', 'eggs', 'tea', 'jam'].map((about) => ({ role: 'voter' as const, about }))
const mute = { role: 'mute' as const, about: 'nothing' }
const ALL = ['ham!', 'eggs!', 'tea!', 'jam!']
/** Longer than any storm, and any model that is slow. */
const PATIENT_MS = 10_000_000

/** What of scatter-gather does not hold in a world. */
function breachesOf({ journal }: Simulation, { enough }: GatherOptions): string[] {
  const rounds = contextsOf<Context>(journal, 'pollster').map(({ gathered }) => gathered)
  const last = rounds.at(-1)!
  const answered = last.replies.filter(({ kind }) => kind === 'answer').length
  const wanted = enough === 'all' ? last.asked.length : enough
  const repliers = last.replies.map(({ conversation }) => conversation)
  return [
    ...(answered < wanted && repliers.length < last.asked.length ? ['SG1: ended before it could'] : []),
    ...(answered > wanted ? ['SG3: an answer counted after enough'] : []),
    ...(new Set(repliers).size === repliers.length ? [] : ['SG2: somebody counted twice']),
  ]
}

const opinionsIn = ({ output }: Simulation) =>
  output?.kind === 'answer' ? (output.body as { opinions: string[]; problem: string | null }) : undefined

type Kind = GatherOptions & {
  readonly asked: Parameters<typeof pollsFlock>[0]
  readonly opinions: unknown
  readonly problem: unknown
}

const KINDS: Readonly<Record<string, Kind>> = {
  'for all has all answers, in the order of the questions': {
    ...{ asked: voters, enough: 'all', deadlineMs: PATIENT_MS },
    ...{ opinions: ALL, problem: null },
  },
  'for three does not wait for who is silent': {
    ...{ asked: [voters[0]!, mute, ...voters.slice(1, 3), mute], enough: 3, deadlineMs: PATIENT_MS },
    ...{ opinions: ALL.slice(0, 3), problem: null },
  },
  'for two is not changed by who comes later': {
    ...{ asked: voters, enough: 2, deadlineMs: PATIENT_MS },
    ...{ opinions: [expect.any(String), expect.any(String)], problem: null },
  },
  'for more than there are goes on with what it has': {
    ...{ asked: [...voters.slice(0, 2), mute], enough: 3, deadlineMs: 65_000 },
    ...{ opinions: expect.any(Array), problem: expect.stringMatching(/^[012] of 3 answered, and 3 had to/) },
  },
}

describe.each([
  ['fixed seeds', 1, 2],
  ['fresh seeds', FRESH, SEEDS],
])('in a storm, of %s, from %d, a round', (_, first, seeds) => {
  it.each(Object.entries(KINDS))(
    '%s',
    { timeout: 600_000 },
    async (_, { asked, opinions, problem, ...options }) => {
      for (let seed = first; seed < first + seeds; seed++) {
        const run = await simulate({ seed, profile: storm, flock: pollsFlock(asked, options) })
        expect(run.breach, `seed ${seed}`).toBeUndefined()
        expect(breachesOf(run, options), `seed ${seed}`).toEqual([])
        expect(opinionsIn(run), `seed ${seed}`).toEqual({ opinions, problem })
      }
    },
  )
})

describe('in a calm world, a round', () => {
  const calmly = (asked: Kind['asked'], options: GatherOptions) =>
    simulate({ seed: 1, profile: none, flock: pollsFlock(asked, options) })

  it('ends by its deadline, with what it has (SG1)', async () => {
    const run = await calmly([...voters, mute], { enough: 'all', deadlineMs: 8_000 })
    expect(opinionsIn(run)?.opinions).toEqual(ALL)
    const asked = sentIn(run.journal, 'poll.ask')[0]!.sentAt
    const ended = run.journal.find(({ role, took }) => role === 'pollster' && took.to === 'resting')!
    expect(ended.at - asked).toBeLessThan(8_100)
  })

  it('goes on where one of those asked fails early', async () => {
    const refuses = { role: 'pollster' as const, about: 'polls' }
    const run = await calmly([refuses, ...voters], { enough: 'all', deadlineMs: 60_000 })
    expect(opinionsIn(run)).toEqual({ opinions: ALL, problem: expect.stringMatching(/^4 of 5 answered/) })
  })

  it('settles the ledger with answers that come late (SG3)', async () => {
    const run = await calmly(voters, { enough: 1, deadlineMs: 60_000 })
    const [first] = contextsOf<Context>(run.journal, 'pollster').filter(
      ({ gathered }) => gathered.replies.length > 0,
    )
    expect(sentIn(run.journal, 'poll.answer')).toHaveLength(4)
    expect(contextsOf<Context>(run.journal, 'pollster').at(-1)!.gathered).toEqual(first!.gathered)
    const taken = run.journal.filter(({ role, took }) => role === 'pollster' && took.event === 'poll.answer')
    expect(taken).toHaveLength(4)
    expect(run.breach).toBeUndefined()
  })

  it('of nobody is over at once', async () => {
    expect(opinionsIn(await calmly([], { enough: 'all', deadlineMs: 60_000 }))).toEqual({
      opinions: [],
      problem: null,
    })
  })
})

describe('what a round has gathered', () => {
  const run = runId('r1')
  const round = gathering(poll, { enough: 2, deadlineMs: 1_000 })
  const input = { run, conversation: conversationId(run, 'goal'), name: 'goal', wiring: 'peers' as const }
  const idle: Context = { ...newAgent(input), ...round.none }
  const given = (before: Context, change: Partial<Context>): Context => ({ ...before, ...change })
  const questions = ['ham', 'eggs'].map((about) => ({ to: { role: 'voter' }, question: { about } }))
  const asked = given(idle, round.ask(idle, questions))

  const answered = (name: string, opinion: string) => ({
    ...{ type: 'poll.answer' as const, body: { answer: { opinion } } },
    id: messageId(conversationId(run, name), input.conversation, 1),
    from: { role: roleName('voter'), peer: peerId('voter-7'), conversation: conversationId(run, name) },
  })
  const silence = (name: string) => ({
    type: failure.messages.failure.type,
    body: {
      ...{ kind: 'timeout' as const, reason: 'no answer' },
      of: messageId(input.conversation, conversationId(run, name), 1),
    },
  })
  const heard = (...events: Parameters<typeof round.heard>[1][]) =>
    events.reduce((before, event) => given(before, round.heard(before, event)), asked)

  it('counts each once, and nobody who was not asked (SG2)', () => {
    const context = heard(
      answered('goal-g1', 'a'),
      answered('goal-g1', 'b'),
      answered('x', 'c'),
      silence('goal-g2'),
    )
    expect(round.answers(context)).toEqual([
      { by: 'voter-7', question: { about: 'ham' }, answer: { opinion: 'a' } },
    ])
    expect(context.gathered.replies).toHaveLength(2)
  })

  it('stands in the order of the questions (SG4)', () => {
    const [one, other] = [answered('goal-g1', 'a'), answered('goal-g2', 'b')]
    expect(round.answers(heard(other, one))).toEqual(round.answers(heard(one, other)))
  })

  it('is not what an earlier round asked for', () => {
    const again = given(asked, round.ask(asked, questions))
    expect(again.gathered.asked.map(({ to }) => to.conversation)).toEqual(['goal-g3', 'goal-g4'])
    expect(round.heard(again, answered('goal-g1', 'late'))).toEqual({})
  })
})
