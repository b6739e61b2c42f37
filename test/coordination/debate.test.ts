import { describe, expect, it } from 'vitest'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { type DebateOptions, debating } from '../../src/coordination/debate.ts'
import { debaterMachine } from '../../src/coordination/debater.ts'
import { allAgree, byMajority, type Standing } from '../../src/coordination/judgement.ts'
import { besideInRing, besides, everyone, type Neighbours } from '../../src/coordination/neighbours.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { createInterpreter } from '../../src/turn/interpreter.ts'
import {
  arguingFlock,
  type DebateReport,
  type MatterTurn,
  matter,
  type Position,
  reportIn,
} from './arguing.ts'
import { sentIn } from './journal.ts'

const keyOf = ({ answer }: Position) => answer
const OPTIONS: DebateOptions<Position> = { rounds: 3, roundMs: 60_000, neighbours: everyone, keyOf }

const saying = (answers: string): Standing<Position>[] =>
  [...answers].map((answer, index) => ({
    debater: `d${index}`,
    round: 1,
    position: { answer, because: `${index}` },
  }))

describe('neighbours', () => {
  it.each<[string, Neighbours, number[][]]>([
    ['in a mesh are all others', everyone, [[], [1], [1, 2], [1, 2, 3, 4]]],
    ['in a ring are the ones before and after', besideInRing, [[], [1], [1, 2], [1, 4]]],
    [
      'are of those who are there, each once, and nobody his own',
      () => [0, 1, 1, 9, -1],
      [[], [1], [1], [1]],
    ],
  ])('%s', (_, neighbours, seen) => {
    expect([1, 2, 3, 5].map((size) => besides(neighbours, 0, size))).toEqual(seen)
  })
})

describe('a judgement', () => {
  it.each([
    ['aab', 'a'],
    ['abb', 'b'],
    ['ab', null],
    ['aabbc', null],
    ['', null],
  ])('of %j by majority is %j', (answers, answer) => {
    expect(byMajority(keyOf)(saying(answers))?.answer ?? null).toBe(answer)
  })

  it.each([
    ['aaa', 3, true],
    ['aa', 3, true],
    ['aa', 4, false],
    ['aab', 3, false],
    ['', 0, false],
  ])('finds that %j of %d agree: %j (DB4)', (answers, debaters, agree) => {
    expect(allAgree(saying(answers), debaters, keyOf)).toBe(agree)
  })
})

describe('whoever convenes a debate', () => {
  const debate = debating(matter, { ...OPTIONS, neighbours: besideInRing })
  const run = runId('r1')
  const conversation = conversationId(run, 'desk')
  const begun = { ...newAgent({ run, conversation, name: 'desk', wiring: 'peers' as const }), ...debate.none }
  const four = Array.from({ length: 4 }, () => ({ role: 'x' }))
  const opened = { ...begun, ...debate.open(begun, { text: '?' }, four) }

  const said = (debater: number, answer: string) => ({
    type: matter.messages.position.type,
    body: { position: { answer, because: '' } },
    id: messageId(conversationId(run, `desk-d${debater}`), conversation, 1),
    from: { role: roleName('x'), peer: peerId('x-1'), conversation: conversationId(run, `desk-d${debater}`) },
  })
  const failed = (debater: number) => ({
    type: 'failure' as const,
    body: {
      ...{ kind: 'timeout' as const, reason: '' },
      of: messageId(conversation, conversationId(run, `desk-d${debater}`), 1),
    },
  })
  type Event = ReturnType<typeof said> | ReturnType<typeof failed>
  function hearing(events: readonly Event[], from = opened) {
    let context = from
    for (const event of events) context = { ...context, ...debate.heard(context, event) }
    return context
  }
  const all = [said(1, 'a'), said(2, 'b'), said(3, 'c'), said(4, 'd')]

  it('goes on when every debater has spoken or failed, and not before (DB1)', () => {
    const three = hearing([said(1, 'a'), failed(2), said(3, 'a')])
    expect(debate.verdictOf(three.debate)).toBeUndefined()
    expect(debate.verdictOf(hearing([failed(4)], three).debate)).toBeUndefined() // half is not enough
    expect(debate.verdictOf(hearing([said(4, 'a')], three).debate)).toMatchObject({
      kind: 'agreed',
      rounds: 1,
    })
  })

  it('shows each debater what its neighbours held when the round began (DB2)', () => {
    const { debate: first } = hearing(all)
    const second = { ...first, round: 2, before: first.standings, done: [] }
    const [turn] = debate.turnsOf(second)
    expect(turn!.body.own).toMatchObject({ answer: 'a' })
    expect(turn!.body.heard.map((standing) => standing.position.answer)).toEqual(['b', 'd'])
    const { debate: later } = hearing([said(2, 'z')], { ...opened, debate: second })
    expect(debate.turnsOf(later)).toEqual(debate.turnsOf(second))
    expect(debate.turnsOf(opened.debate).map(({ body }) => [body.own, body.heard])).toEqual(
      four.map(() => [null, []]),
    )
  })

  it('leaves who is silent what it held (DB3)', () => {
    const { debate: first } = hearing(all)
    const next = { ...opened, debate: { ...first, round: 2, before: first.standings, done: [] } }
    const { standings } = hearing([failed(1), said(2, 'e')], next).debate
    expect(standings.map(({ round, position }) => [round, position.answer])).toEqual([
      [1, 'a'],
      [2, 'e'],
      [1, 'c'],
      [1, 'd'],
    ])
  })

  it('hears each debater once in a round, nobody else, and in whatever order (DB5)', () => {
    const { debate: first } = hearing(all)
    expect(hearing([...all, said(1, 'z'), failed(2), said(5, 'z')]).debate).toEqual(first)
    expect(hearing(all.toReversed()).debate.standings).toEqual(first.standings)
  })

  it('wants rounds to be', () => {
    expect(() => debating(matter, { ...OPTIONS, rounds: 0 })).toThrow(/whole number from 1/)
  })
})

describe('a debater', () => {
  const { start, next, takes } = createInterpreter(debaterMachine(matter))
  const run = runId('r1')
  const conversation = conversationId(run, 'desk-d1')
  const first = start({ run, conversation, name: 'desk-d1' }).snapshot
  const turnOf = (round: number) => ({
    type: matter.messages.turn.type,
    body: { question: { text: '?' }, round, rounds: 3, own: null, heard: [], endsInMs: 1 },
    id: messageId(conversationId(run, 'desk'), conversation, round),
    from: { role: roleName('desk'), peer: peerId('desk-1'), conversation: conversationId(run, 'desk') },
  })
  const saying = { type: matter.messages.position.type, body: { position: { answer: 'a', because: '' } } }
  const replied = {
    type: 'xstate.done.actor.chat',
    output: { text: '', calls: [], answer: saying, finish: 'stop' },
  }
  const broke = { type: 'xstate.error.actor.chat', error: { code: 'model.gave-up', message: 'no idea' } }

  it('thinks about its turn, answers it, and waits for the next', () => {
    const thinking = next(first, turnOf(1))
    expect(thinking.invokes).toMatchObject([{ src: 'chat' }])
    const said = next(thinking.snapshot, replied)
    expect(said.emitted).toEqual([{ ...saying, answers: turnOf(1).id }])
    expect(next(said.snapshot, turnOf(2)).invokes).toMatchObject([{ src: 'chat' }])
  })

  it('lets an earlier turn go when there is another, and answers that (DB6)', () => {
    const second = next(next(first, turnOf(1)).snapshot, turnOf(2))
    expect(second.invokes).toMatchObject([{ src: 'chat' }])
    expect(next(second.snapshot, replied).emitted).toEqual([{ ...saying, answers: turnOf(2).id }])
  })

  it('says so where it gives up, and has its turn in the next round (DB3)', () => {
    const silent = next(next(first, turnOf(1)).snapshot, broke)
    expect(silent.emitted).toMatchObject([{ type: 'failure', answers: turnOf(1).id }])
    const again = next(silent.snapshot, turnOf(2)).snapshot
    expect(next(again, replied).emitted).toEqual([{ ...saying, answers: turnOf(2).id }])
  })

  it('ends when the debate is over, whatever it is at', () => {
    const over = { type: matter.messages.over.type, body: { rounds: 1, position: null } }
    expect(next(first, over).snapshot.status).toBe('done')
    expect(next(next(first, turnOf(1)).snapshot, over).snapshot.status).toBe('done')
    expect(takes(first, replied)).toBe(false)
  })
})

/** Every turn that was given, in the order of the journal. */
const turnsIn = ({ journal }: Simulation) =>
  sentIn(journal, matter.messages.turn.type).map(({ to, body }) => ({
    to: to.conversation,
    body: body as MatterTurn,
  }))

/** What is wrong with the turns: who sees whom, of when, and how often (DB2, DB4). */
function wrongTurns(simulation: Simulation, debaters: number, neighbours: Neighbours): string | undefined {
  const numberOf = (name: string) => Number(name.slice(name.lastIndexOf('-d') + 2))
  const given = new Set<string>()
  for (const { to, body } of turnsIn(simulation)) {
    const [seen, number] = [body.heard.map(({ debater }) => numberOf(debater)), numberOf(to)]
    const allowed = besides(neighbours, number - 1, debaters).map((place) => place + 1)
    if (seen.some((other) => !allowed.includes(other))) return `${number} sees ${seen}`
    if (body.heard.some(({ round }) => round >= body.round)) return `${number} sees what is said in its round`
    if (body.round > body.rounds) return `round ${body.round} of ${body.rounds}`
    if (given.has(`${number} ${body.round}`)) return `${number} has two turns in round ${body.round}`
    given.add(`${number} ${body.round}`)
  }
  return undefined
}

const { storm, none } = PROFILES

describe('in a world that works, a debate', () => {
  const OWN_JUDGE = { ...OPTIONS, judge: (all: readonly Standing<Position>[]) => all.at(-1)!.position }

  it.each<[string, string, DebateOptions<Position>, Partial<DebateReport>]>([
    ['ends when all agree', 'aab', OPTIONS, { kind: 'agreed', answer: 'a', rounds: 2 }],
    [
      'is judged by what most hold when its rounds are up',
      'AAB',
      OPTIONS,
      { kind: 'judged', answer: 'a', rounds: 3 },
    ],
    ['is judged by a given function', 'AAB', OWN_JUDGE, { kind: 'judged', answer: 'b', rounds: 3 }],
    [
      'is undecided where none is what most hold',
      'AB',
      OPTIONS,
      { kind: 'undecided', answer: null, rounds: 3 },
    ],
    ['does not wait for who is late', 'aabz', OPTIONS, { kind: 'agreed', answer: 'a', rounds: 2 }],
    ['ends though nobody ever speaks', 'zz', OPTIONS, { kind: 'undecided', rounds: 3, said: [] }],
  ])('%s', async (_, minds, options, outcome) => {
    const simulation = await simulate({ seed: 1, flock: arguingFlock(minds, options), profile: none })
    expect(simulation.breach).toBeUndefined()
    expect(reportIn(simulation.output)).toMatchObject(outcome)
    expect(wrongTurns(simulation, minds.length, everyone)).toBeUndefined()
  })

  it('in a ring shows each the two beside it, and costs that much less', async () => {
    const seenIn = async (neighbours: Neighbours) => {
      const flock = arguingFlock('AABBC', { ...OPTIONS, neighbours })
      const simulation = await simulate({ seed: 1, flock, profile: none })
      expect(simulation.breach).toBeUndefined()
      expect(wrongTurns(simulation, 5, neighbours)).toBeUndefined()
      return turnsIn(simulation).reduce((sum, { body }) => sum + body.heard.length, 0)
    }
    // Two rounds after the first, five debaters.
    expect([await seenIn(everyone), await seenIn(besideInRing)]).toEqual([2 * 5 * 4, 2 * 5 * 2])
  })
})

describe('in a storm', () => {
  const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
  const MINDS = 'aabz'
  const flock = arguingFlock(MINDS, { ...OPTIONS, neighbours: besideInRing }, ({ rounds, answer, said }) => {
    if (rounds > 3) return `${rounds} rounds`
    if (answer === 'z' || said.some((one) => one.answer === 'z')) return 'who was late was heard'
    return undefined
  })

  it.each([
    ['fixed seeds', 1, 3],
    ['fresh seeds', FRESH, Number(process.env.SEEDS ?? 1)],
  ])(
    'every round ends, and shows what it is to (DB1 to DB4): %s, from %d',
    { timeout: 600_000 },
    async (_, first, count) => {
      let found = 0
      for (let seed = first; seed < first + count; seed++) {
        const simulation = await simulate({ seed, flock, profile: storm })
        expect(simulation.breach, `seed ${seed}`).toBeUndefined()
        expect(wrongTurns(simulation, MINDS.length, besideInRing), `seed ${seed}`).toBeUndefined()
        if (reportIn(simulation.output).kind !== 'undecided') found++
      }
      if (first === 1) expect(found).toBeGreaterThan(0)
    },
  )
})
