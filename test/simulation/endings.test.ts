/**
 * Runs that do not end by themselves, in a storm: stopped by somebody, by their deadline, by a limit. `SEEDS=10000`
 * has as many fresh worlds of each kind, and prints what they add up to.
 */
import { afterAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../protocols/run.ts'
import { type Figures, NO_FIGURES, withSimulation } from '../../src/simulation/figures.ts'
import { PROFILES, type Profile } from '../../src/simulation/profile.ts'
import { type Simulation, type SimulationOptions, simulate } from '../../src/simulation/world.ts'
import { seededRandom, systemRandom } from '../../src/time/random.ts'
import { crowdedFlock, errandsFlock, everything } from './errands.ts'
import { HOPS, pingpongFlock } from './pingpong.ts'

const { storm, none } = PROFILES
const SEEDS = Number(process.env.SEEDS ?? 1)
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
/** When a run is stopped, at the latest: the luckiest are over by then. */
const LATEST_MS = 90_000

type Kind = Omit<SimulationOptions, 'seed'> & {
  /** What may become of it. */
  readonly outcomes: readonly Outcome[]
}

const momentOf = (seed: number) => Math.floor(seededRandom(seed).fork('moment').next() * LATEST_MS)

const KINDS: Readonly<Record<string, (seed: number) => Kind>> = {
  'that nobody stops': () => ({ flock: errandsFlock(), profile: storm, outcomes: ['completed'] }),
  'that somebody cancels': (seed) => ({
    ...{ flock: errandsFlock(), profile: storm, cancelAt: momentOf(seed) },
    outcomes: ['cancelled', 'completed'],
  }),
  'whose deadline is in the middle': (seed) => ({
    ...{ flock: errandsFlock(), profile: storm, deadlineMs: momentOf(seed) },
    outcomes: ['exhausted', 'completed'],
  }),
  'in which a full mailbox refuses work': () => ({
    ...{ flock: crowdedFlock(), profile: storm, mailboxCapacity: 1 },
    outcomes: ['completed'],
  }),
  'in which nobody ever stops by himself': () => ({
    ...{ flock: pingpongFlock(), profile: storm },
    outcomes: ['exhausted'],
  }),
}

/** The journal of a world is let go of as soon as it is counted. */
const figures = new Map<string, Figures>()
function count(kind: string, run: Simulation, wallMs: number): void {
  const before = figures.get(kind) ?? NO_FIGURES
  figures.set(kind, withSimulation(before, run, wallMs, run.outcome ?? 'none'))
}

afterAll(() => {
  if (process.env.SEEDS === undefined) return
  for (const [kind, sum] of figures) {
    const { seeds, steps, commits, messages, controls, controlsPerMessage, detection, outcomes } = sum
    const line = { seeds, steps, commits, messages, controls, controlsPerMessage, detection, outcomes }
    process.stdout.write(`a run ${kind}: ${JSON.stringify(line)}\n`)
  }
})

describe.each([
  ['fixed seeds', 1, 4],
  ['fresh seeds', FRESH, SEEDS],
])('of %s, from %d, a run in a storm', (_, first, seeds) => {
  it.each(Object.entries(KINDS))(
    '%s ends once, as it should, with all stake at home',
    { timeout: 36_000_000 },
    async (name, kindOf) => {
      for (let seed = first; seed < first + seeds; seed++) {
        const { outcomes, ...world } = kindOf(seed)
        const begun = performance.now()
        const run = await simulate({ seed, ...world })
        count(name, run, performance.now() - begun)
        expect(run.breach, `seed ${seed}`).toBeUndefined()
        expect(run.detectionMs, `seed ${seed}`).toBeGreaterThanOrEqual(0)
        expect(outcomes, `seed ${seed}: ${run.reason}`).toContain(run.outcome)
      }
    },
  )
})

describe('a run that ends by a limit', () => {
  it('says which, and the way that led there', async () => {
    const { outcome, reason } = await simulate({ seed: 1, flock: pingpongFlock(), profile: none })
    expect(outcome).toBe('exhausted')
    expect(reason).toMatch(/^no hops were left: origin → .+ → ping → pong/)
    expect(reason!.split(' → ').length).toBeGreaterThan(HOPS / 2)
  })
})

describe('deliveries that come twice, late, and out of order', () => {
  /** Nothing is lost, nobody dies. */
  const shuffled: Profile = {
    ...none,
    stormMs: 60_000,
    operations: { duplicate: 0.3, reorder: 0.3, delay: 0.3 },
  }
  /** What a run comes to: how it ended, what came of it, whether all stake is home, what it spent. */
  const ledgerOf = ({ outcome, output, journal, spent }: Simulation) => ({
    ...{ outcome, output, spent },
    stake: journal.findLast(({ role }) => role === 'origin')?.stake,
  })

  it.each([
    ['fixed seeds', 1, 4],
    ['fresh seeds', FRESH, SEEDS],
  ])(
    'come to the same ledger as a calm world (R6): %s, from %d',
    { timeout: 36_000_000 },
    async (_, first, seeds) => {
      const flock = errandsFlock()
      const calm = ledgerOf(await simulate({ seed: first, flock, profile: none }))
      expect(calm).toMatchObject({ outcome: 'completed', output: everything(), stake: '1p0' })
      expect(calm.spent!.messages).toBeGreaterThan(0)
      for (let seed = first; seed < first + seeds; seed++) {
        const run = await simulate({ seed, flock, profile: shuffled })
        expect(run.breach, `seed ${seed}`).toBeUndefined()
        expect(ledgerOf(run), `seed ${seed}`).toEqual(calm)
      }
    },
  )
})
