import { describe, expect, it } from 'vitest'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { errandsFlock, everything } from './errands.ts'

const flock = errandsFlock()
const { storm, none } = PROFILES
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)

describe('the simulator', () => {
  it('does a job in a world that works', async () => {
    const { breach, output, faults, record } = await simulate({ seed: 1, flock, profile: none })
    expect({ breach, output, faults }).toEqual({ breach: undefined, output: everything(), faults: [] })
    expect(record).toMatchObject({ state: 'over', outcome: 'completed' })
  })

  it('gives the same run for the same seed', async () => {
    const [once, again] = [
      await simulate({ seed: 7, flock, profile: storm }),
      await simulate({ seed: 7, flock, profile: storm }),
    ]
    expect(once.faults.length).toBeGreaterThan(10)
    expect(again.hash).toBe(once.hash)
    expect(again.faults).toEqual(once.faults)
  })

  it.each([
    ['fixed seeds', 1, 20],
    ['fresh seeds', FRESH, Number(process.env.SEEDS ?? 2)],
  ])(
    'breaks no invariant and ends, whatever befalls it: %s, from %d',
    { timeout: 600_000 },
    async (_, first, count) => {
      for (let seed = first; seed < first + count; seed++) {
        const { breach } = await simulate({ seed, flock, profile: storm })
        expect(breach, `seed ${seed}`).toBeUndefined()
      }
    },
  )

  it('goes on as before with all faults named, and calmly with none', async () => {
    const seen = await simulate({ seed: 3, flock, profile: storm })
    const named = await simulate({
      seed: 3,
      flock,
      profile: storm,
      only: new Set(seen.faults.map(({ id }) => id)),
    })
    expect(named.hash).toBe(seen.hash)
    const without = await simulate({ seed: 3, flock, profile: storm, only: new Set() })
    expect(without.faults).toEqual([])
  })

  it('says so where a run does not come to what it should', async () => {
    const disappointed = { ...flock, check: () => 'not this' }
    const { breach } = await simulate({ seed: 1, flock: disappointed, profile: none })
    expect(breach).toEqual({ invariant: 'output', text: 'not this' })
  })
})
