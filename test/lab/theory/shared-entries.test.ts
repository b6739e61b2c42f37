import { describe, expect, it } from 'vitest'
import { hotKeyConflicts } from '../../../lab/theory/blackboard.ts'
import {
  AGENTS_LIMIT,
  hotJobConflictsInStep,
  hotJobMakespan,
  jobConflicts,
  type SharedJob,
  stickyConflicts,
} from '../../../lab/theory/shared-entries.ts'
import { seededRandom } from '../../../src/time/random.ts'

/**
 * Agents that take tasks, read, think and compare-and-set.
 * @param again which entry who loses tries
 */
function simulate(
  { tasks, agents, entries, think }: SharedJob,
  seed: number,
  again: 'same' | 'another' = 'same',
) {
  const random = seededRandom(seed)
  const versions = Array.from({ length: entries }, () => 0)
  const thought = () => -think * Math.log(1 - random.next())
  let [taken, lost, won, now] = [0, 0, 0, 0]
  type Attempt = { entry: number; version: number; due: number }
  const begun = (entry: number): Attempt => ({ entry, version: versions[entry]!, due: now + thought() })
  const any = () => Math.floor(random.next() * entries)
  const next = () => {
    taken++
    return begun(any())
  }
  const working: Attempt[] = Array.from({ length: Math.min(agents, tasks) }, next)
  while (working.length > 0) {
    const place = working.reduce((first, { due }, index) => (due < working[first]!.due ? index : first), 0)
    const { entry, version, due } = working[place]!
    now = due
    if (version !== versions[entry]) {
      lost++
      working[place] = begun(again === 'same' ? entry : any())
    } else {
      won++
      versions[entry]!++
      if (taken < tasks) working[place] = next()
      else working.splice(place, 1)
    }
  }
  return { conflicts: lost / won, makespan: now }
}

function mean(job: SharedJob, runs: number) {
  const found = Array.from({ length: runs }, (_, index) => simulate(job, 1_000 + index))
  const of = (pick: (run: (typeof found)[number]) => number) =>
    found.reduce((sum, run) => sum + pick(run), 0) / runs
  return { conflicts: of(({ conflicts }) => conflicts), makespan: of(({ makespan }) => makespan) }
}

const near = (predicted: number, found: number) => Math.abs(predicted / found - 1)

describe('agents that stay with an entry until they have changed it', () => {
  it.each([
    [2, 2, 0.06],
    [4, 16, 0.05],
    [8, 4, 0.03],
    [16, 4, 0.03],
    [16, 16, 0.03],
  ])('fail as often as in a simulation: %i of them on %i entries', (agents, entries, within) => {
    const work = { agents, entries, think: 2, tasks: 20_000 }
    const predicted = stickyConflicts(work)
    const { conflicts, makespan } = simulate(work, 5)
    const message = JSON.stringify({ predicted, conflicts })
    expect(near(predicted.conflicts, conflicts), message).toBeLessThan(within)
    expect(near(predicted.throughput, work.tasks / makespan), message).toBeLessThan(0.03)
  })

  it('fail a little less often than those who pick another entry each time', () => {
    const work = { agents: 16, entries: 16, think: 2, tasks: 20_000 }
    const { conflicts } = simulate(work, 5, 'another')
    expect(stickyConflicts(work).conflicts).toBeLessThan(conflicts)
    expect(stickyConflicts(work).conflicts).toBeGreaterThan(0.9 * conflicts)
  })

  it('never fail alone, and on one entry as on a hot key', () => {
    expect(stickyConflicts({ agents: 1, entries: 3, think: 2 })).toEqual({ conflicts: 0, throughput: 1 / 2 })
    expect(stickyConflicts({ agents: 7, entries: 1, think: 2 }).conflicts).toBe(
      hotKeyConflicts(7, 'exponential'),
    )
  })

  it('hardly meet where entries are many', () => {
    // Of two on so many entries the one meets the other with probability 1 / k, and then one of them fails at least.
    expect(stickyConflicts({ agents: 2, entries: 1_000, think: 1 }).conflicts).toBeCloseTo(1 / 1_000, 4)
  })

  it('can be too many to compute', () => {
    expect(() => stickyConflicts({ agents: AGENTS_LIMIT + 1, entries: 2, think: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid.shared' }),
    )
  })
})

describe('a job whose tasks change shared entries', () => {
  it.each([
    [8, 1, 0.03],
    [4, 4, 0.05],
    [16, 4, 0.05],
    [16, 16, 0.08],
  ])('conflicts as in a simulation: %i agents, %i entries', (agents, entries, within) => {
    const job = { agents, entries, think: 2, tasks: 120 }
    const found = mean(job, 200)
    expect(near(jobConflicts(job), found.conflicts), JSON.stringify(found)).toBeLessThan(within)
    if (entries === 1) expect(near(hotJobMakespan(job, 'exponential'), found.makespan)).toBeLessThan(0.03)
  })

  it('is, by hand, for two agents and two tasks', () => {
    const job = { agents: 2, entries: 1, think: 3, tasks: 2 }
    // The first to write succeeds, after τ / 2. The other fails after τ, and succeeds after another.
    expect(jobConflicts(job)).toBe(1 / 2)
    expect(hotJobMakespan(job, 'exponential')).toBe(3 / 2 + 3 + 3)
  })

  it('has no use for more agents than tasks', () => {
    const job = { agents: 9, entries: 1, think: 3, tasks: 2 }
    expect(jobConflicts(job)).toBe(1 / 2)
    expect(hotJobMakespan(job, 'exponential')).toBe(7.5)
  })

  it('gains nothing by more agents where all think for as long about one entry', () => {
    expect(hotJobMakespan({ tasks: 4, agents: 2, think: 2 }, 'constant')).toBe(8)
    expect(hotJobConflictsInStep(4, 2)).toBe(3 / 4)
    expect(hotJobConflictsInStep(4, 1)).toBe(0)
    expect(hotJobConflictsInStep(4, 3)).toBe((2 + 2 + 1) / 4)
  })
})
