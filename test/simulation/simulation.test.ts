import { describe, expect, it } from 'vitest'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { errandsFlock, everything } from './errands.ts'

const flock = errandsFlock()
const { storm, none } = PROFILES

describe('the simulator', () => {
  it('does a job in a world that works', async () => {
    const { breach, output, faults } = await simulate({ seed: 1, flock, profile: none })
    expect({ breach, output, faults }).toEqual({ breach: undefined, output: everything, faults: [] })
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

  it('breaks no invariant and ends, whatever befalls it', async () => {
    for (let seed = 1; seed <= Number(process.env.SEEDS ?? 40); seed++) {
      const { breach } = await simulate({ seed, flock, profile: storm })
      expect(breach, `seed ${seed}`).toBeUndefined()
    }
  })
})
