import { describe, expect, it } from 'vitest'
import {
  type Blackboard,
  contention,
  hotKeyConflicts,
  type ThinkTime,
} from '../../../lab/theory/blackboard.ts'
import { seededRandom } from '../../../src/time/random.ts'

/** Agents that read, think and compare-and-set, until so many have succeeded. */
function simulate({ agents, keys, think, idle, distribution }: Blackboard, successes: number) {
  const random = seededRandom(17)
  const drawn = (mean: number, how: ThinkTime) =>
    how === 'constant' ? mean : -mean * Math.log(1 - random.next())
  const versions = Array.from({ length: keys }, () => 0)
  /** null: not begun. */
  const read: ({ key: number; version: number } | null)[] = Array.from({ length: agents }, () => null)
  const due = read.map(() => random.next() * (think + idle))
  let [won, lost, now] = [0, 0, 0]
  const begin = (agent: number) => {
    const key = Math.floor(random.next() * keys)
    read[agent] = { key, version: versions[key]! }
    due[agent] = now + drawn(think, distribution)
  }
  while (won < successes) {
    let agent = 0
    for (let other = 1; other < agents; other++) if (due[other]! < due[agent]!) agent = other
    now = due[agent]!
    const had = read[agent]!
    if (had === null) begin(agent)
    else if (had.version !== versions[had.key]) {
      lost++
      begin(agent)
    } else {
      won++
      versions[had.key]!++
      if (idle === 0) begin(agent)
      else {
        read[agent] = null
        due[agent] = now + drawn(idle, 'exponential')
      }
    }
  }
  return { conflicts: lost / won, throughput: won / now }
}

describe('contention on a blackboard', () => {
  it.each([
    [5, 20, 0, 'exponential'],
    [20, 20, 0, 'exponential'],
    [50, 10, 0, 'exponential'],
    [30, 4, 6, 'exponential'],
    [20, 1, 10, 'exponential'],
    [20, 40, 0, 'constant'],
    [20, 10, 8, 'constant'],
    [20, 1, 8, 'constant'],
  ] as const)(
    'of %i agents on %i keys, idle %d s, %s, is near a simulation',
    (agents, keys, idle, distribution) => {
      const blackboard = { agents, keys, think: 2, idle, distribution }
      const predicted = contention(blackboard)
      const found = simulate(blackboard, 12_000)
      const message = JSON.stringify({ predicted, found })
      expect(Math.abs(predicted.conflicts / found.conflicts - 1), message).toBeLessThan(0.08)
      expect(Math.abs(predicted.throughput / found.throughput - 1), message).toBeLessThan(0.04)
    },
  )

  it('on one key without idle time is exact for constant think times, and too high for exponential ones', () => {
    const hot = { agents: 10, keys: 1, think: 2, idle: 0 }
    expect(contention({ ...hot, distribution: 'constant' }).conflicts).toBeCloseTo(
      hotKeyConflicts(10, 'constant'),
      9,
    )
    const over =
      contention({ ...hot, distribution: 'exponential' }).conflicts / hotKeyConflicts(10, 'exponential')
    expect(over).toBeGreaterThan(1)
    expect(over).toBeLessThan(1.2)
  })

  it('grows as the root of the others for exponential think times, and as their number for constant ones', () => {
    const crowd = { agents: 2001, keys: 1, think: 1, idle: 0 }
    // One plus a third is the next term of the series.
    expect(contention({ ...crowd, distribution: 'exponential' }).conflicts).toBeCloseTo(
      Math.sqrt((Math.PI * 2000) / 2) + 1 / 3 - 1,
      1,
    )
    expect(contention({ ...crowd, distribution: 'constant' }).conflicts).toBeCloseTo(2000, 6)
  })

  it('is none of one agent, and little of few that mostly idle', () => {
    const alone = contention({ agents: 1, keys: 1, think: 3, idle: 1, distribution: 'constant' })
    expect(alone.conflicts).toBeCloseTo(0, 12)
    expect(alone.throughput).toBeCloseTo(1 / 4, 12)
    const idle = contention({ agents: 3, keys: 5, think: 1, idle: 1000, distribution: 'exponential' })
    expect(idle.conflicts).toBeLessThan(0.001)
  })
})

describe('conflicts on one hot key', () => {
  it.each([2, 5, 12, 40])('of %i agents are those of a simulation, for exponential think times', (agents) => {
    const found = simulate({ agents, keys: 1, think: 1, idle: 0, distribution: 'exponential' }, 12_000)
    expect(Math.abs(hotKeyConflicts(agents, 'exponential') / found.conflicts - 1)).toBeLessThan(0.03)
  })

  it('are all others for constant think times', () => {
    for (const agents of [2, 7, 20]) {
      const found = simulate({ agents, keys: 1, think: 1, idle: 0, distribution: 'constant' }, 500)
      expect(Math.abs(hotKeyConflicts(agents, 'constant') / found.conflicts - 1)).toBeLessThan(0.01)
    }
  })

  it('are, by hand, 1/2 for two agents, and grow as the root of their number', () => {
    expect(hotKeyConflicts(1, 'exponential')).toBe(0)
    expect(hotKeyConflicts(2, 'exponential')).toBe(1 / 2)
    expect(hotKeyConflicts(1000, 'exponential')).toBeCloseTo(Math.sqrt((Math.PI * 1000) / 2) - 1 / 3 - 1, 1)
  })
})
