import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { quorumVote } from '../../protocols/vote.ts'
import { type BallotOptions, balloting } from '../../src/coordination/quorum-vote.ts'
import { type BallotOutcome, outcomeOf, type Rule, type Vote } from '../../src/coordination/tally.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { ballotsIn, electingFlock, wrongWith } from './electing.ts'

const OPTIONS = ['a', 'b', 'c']
const PLURALITY: Rule = { quorum: 1, majority: 1 }

/** `a`, `b`, `c`: for that; `-`: abstains; `?`: spoils his vote; `.`: is missing. */
const voteOf = (letter: string): Vote => {
  if (letter === '-') return { kind: 'abstained', reason: '' }
  if (letter === '?') return { kind: 'spoiled', choice: 'z' }
  if (letter === '.') return { kind: 'missing', why: 'timeout', reason: '' }
  return { kind: 'voted', choice: letter, reason: '' }
}
const counted = (votes: string, rule: Rule, voters = votes.length) =>
  outcomeOf(OPTIONS, voters, [...votes].map(voteOf), rule)

/** What was decided, without how. */
const verdictOf = (outcome: BallotOutcome | undefined) =>
  outcome && (outcome.kind === 'decided' ? outcome.choice : outcome.kind)

describe('a ballot', () => {
  it.each<[string, string, Rule, object]>([
    ['is decided by most votes', 'aabc', PLURALITY, { kind: 'decided', choice: 'a' }],
    ['is a tie where several lead', 'aabb', PLURALITY, { kind: 'tie', choices: ['a', 'b'] }],
    ['is a tie where nobody is for anything', '--', PLURALITY, { kind: 'no-majority', choices: OPTIONS }],
    [
      'has no majority where most are not enough',
      'aabc',
      { quorum: 1, majority: 3 },
      { kind: 'no-majority', choices: ['a'] },
    ],
    [
      'has no quorum where too few voted',
      'a..',
      { quorum: 2, majority: 1 },
      { kind: 'no-quorum', missing: 2 },
    ],
    [
      'counts who abstains as having voted',
      'a-.',
      { quorum: 2, majority: 1 },
      { kind: 'decided', abstained: 1, missing: 1 },
    ],
    ['counts a spoiled vote as none', 'a?.', { quorum: 2, majority: 1 }, { kind: 'no-quorum', missing: 2 }],
    ['without voters has no quorum', '', PLURALITY, { kind: 'no-quorum' }],
  ])('%s', (_, votes, rule, outcome) => {
    expect(counted(votes, rule)).toMatchObject(outcome)
  })

  it('is over as soon as it is certain, and no sooner', () => {
    const half = { quorum: 3, majority: 1 }
    expect(counted('aa', half, 5)).toBeUndefined()
    expect(counted('aaa', half, 5)).toMatchObject({ kind: 'decided', choice: 'a', missing: 2 })
    expect(counted('aab', half, 5)).toBeUndefined()
    expect(counted('...', half, 5)).toMatchObject({ kind: 'no-quorum' })
    expect(counted('..', half, 5)).toBeUndefined()
  })

  it('comes to the same, however early it is over, and in whatever order its votes come (QV4)', () => {
    const letters = ['a', 'b', 'c', '-', '.']
    const ballots = letters.flatMap((one) =>
      letters.flatMap((two) => letters.flatMap((three) => letters.map((four) => one + two + three + four))),
    )
    const inOrder = new Map<string, string>()
    const turned: string[] = []
    for (const votes of ballots) {
      for (const rule of [1, 2, 3, 4].flatMap((quorum) =>
        [1, 2, 3].map((majority) => ({ quorum, majority })),
      )) {
        const final = verdictOf(counted(votes, rule))
        const early = [0, 1, 2, 3].map((heard) => verdictOf(counted(votes.slice(0, heard), rule, 4)))
        const sorted = `${[...votes].sort().join('')} ${JSON.stringify(rule)}`
        if ([...early, inOrder.get(sorted)].some((other) => other !== undefined && other !== final))
          turned.push(`${votes} ${JSON.stringify(rule)}`)
        inOrder.set(sorted, final!)
      }
    }
    expect(turned).toEqual([])
    expect(inOrder.size).toBeGreaterThan(500)
  })
})

describe('whoever calls a ballot', () => {
  const release = quorumVote('release', { subject: z.object({}), choice: z.enum(['ship', 'hold']) })
  const ballot = balloting(release, { closesInMs: 1_000 })
  const run = runId('r1')
  const conversation = conversationId(run, 'desk')
  const input = { run, conversation, name: 'desk', wiring: 'peers' as const }
  const begun = { ...newAgent(input), ...ballot.none }
  const asked = { subject: {}, options: ['ship', 'hold'] as const, voters: [{ role: 'x' }, { role: 'y' }] }
  const opened = { ...begun, ...ballot.open(begun, asked) }

  const cast = (voter: string, choice: 'ship' | 'hold' | null) => ({
    type: release.messages.cast.type,
    body: { choice, reason: '' },
    id: messageId(conversationId(run, voter), conversation, 1),
    from: { role: roleName('x'), peer: peerId('x-1'), conversation: conversationId(run, voter) },
  })
  const request = (voter: string) => messageId(conversation, conversationId(run, voter), 1)
  const failed = (voter: string, more: object) => ({
    type: 'failure' as const,
    body: { kind: 'timeout' as const, reason: 'late', of: request(voter), ...more },
  })

  it('asks each voter in a conversation of its own, numbered through all ballots (QV5)', () => {
    const again = { ...opened, ...ballot.open(opened, asked) }
    const names = [opened, again].map((one) => one.ballot.voters.map((voter) => voter.conversation))
    expect(names).toEqual([
      ['desk-v1', 'desk-v2'],
      ['desk-v3', 'desk-v4'],
    ])
  })

  it('hears each voter once, be it a vote or a failure (QV1)', () => {
    const once = { ...opened, ...ballot.heard(opened, cast('desk-v1', 'ship')) }
    expect(ballot.heard(once, cast('desk-v1', 'hold')).ballot).toEqual(once.ballot)
    expect(ballot.heard(once, failed('desk-v1', {})).ballot).toEqual(once.ballot)
    expect(ballot.outcome(once.ballot)).toBeUndefined()
    const both = ballot.heard(once, failed('desk-v2', {}))
    expect(ballot.outcome(both.ballot)).toMatchObject({ kind: 'no-quorum' })
  })

  it('knows whose failure it is also where an agent says so of itself', () => {
    const own = { ...failed('desk-v1', { of: null }), correlation: request('desk-v1') }
    expect(ballot.heard(opened, own).ballot.votes).toMatchObject([{ voter: 'desk-v1', kind: 'missing' }])
  })

  it('hears nobody who was not asked', () => {
    expect(ballot.heard(opened, cast('desk-v3', 'ship')).ballot).toEqual(opened.ballot)
    expect(ballot.heard(opened, failed('somebody', {})).ballot).toEqual(opened.ballot)
    expect(ballot.isLate(opened, failed('somebody', {}))).toBe(false)
  })

  it('knows what comes too late (QV5)', () => {
    const again = { ...opened, ...ballot.open(opened, asked) }
    expect(ballot.isLate(again, cast('desk-v1', 'ship'))).toBe(true)
    expect(ballot.isLate(again, cast('desk-v3', 'ship'))).toBe(false)
    expect(ballot.isLate(opened, cast('desk-v1', 'ship'))).toBe(false)
  })

  it('gives each option once', () => {
    const twice = { ...asked, options: ['ship', 'ship'] as const }
    expect(() => ballot.open(begun, twice)).toThrow(/each once/)
  })
})

const { storm, none } = PROFILES
const MINUTE = { closesInMs: 60_000 }

describe('in a world that works', () => {
  it.each<[string, string, BallotOptions, object]>([
    ['is decided', 'sssh', MINUTE, { kind: 'decided', choice: 'ship', missing: 0 }],
    ['is a tie', 'sshh', MINUTE, { kind: 'tie', choice: null, missing: 0 }],
    ['has no majority', 'sshaa', { ...MINUTE, majority: () => 3 }, { kind: 'no-majority', abstained: 2 }],
    ['counts what is no option as missing', 'sxx', MINUTE, { kind: 'no-quorum', missing: 2 }],
    ['has no quorum by its deadline, where voters are late', 'sz', MINUTE, { kind: 'no-quorum', missing: 1 }],
    ['is decided without who is late', 'sssz', MINUTE, { kind: 'decided', choice: 'ship' }],
  ])('a ballot %s (QV2, QV3)', async (_, minds, options, outcome) => {
    const flock = electingFlock([minds], options, () => undefined)
    const { breach, output } = await simulate({ seed: 1, flock, profile: none })
    expect(breach).toBeUndefined()
    expect(ballotsIn(output)).toMatchObject([outcome])
  })

  it('a ballot that is certain waits for nobody, unless it is to', async () => {
    const lasting = async (options: BallotOptions) => {
      const flock = electingFlock(['sssz'], options, () => undefined)
      const { output } = await simulate({ seed: 1, flock, profile: none })
      return { heard: ballotsIn(output)[0]!.votes.length }
    }
    const [early, all] = [await lasting(MINUTE), await lasting({ ...MINUTE, waitForAll: true })]
    expect([early.heard, all.heard]).toEqual([3, 4])
  })
})

describe('in a storm', () => {
  const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
  const BALLOTS = ['sssz', 'hzzh']
  const flock = electingFlock(BALLOTS, MINUTE, (reports) => {
    const wrong = reports.map((report, index) => wrongWith(report, BALLOTS[index]!, index === 0 ? 1 : 5))
    if (reports.length < 2) return 'a ballot is missing'
    // Who is late may leave a ballot without a quorum or with a tie, and never turns it round.
    if (reports[0]!.choice === 'hold') return 'who is late has won'
    return wrong.find((text) => text !== undefined)
  })

  it.each([
    ['fixed seeds', 1, 3],
    ['fresh seeds', FRESH, Number(process.env.SEEDS ?? 1)],
  ])(
    'each voter counts once, and every ballot ends: %s, from %d',
    { timeout: 600_000 },
    async (_, first, count) => {
      const kinds = new Set<string>()
      for (let seed = first; seed < first + count; seed++) {
        const { breach, output } = await simulate({ seed, flock, profile: storm })
        expect(breach, `seed ${seed}`).toBeUndefined()
        for (const { kind } of ballotsIn(output)) kinds.add(kind)
      }
      if (first === 1) expect([...kinds].sort()).toEqual(['decided', 'no-quorum'])
    },
  )
})
