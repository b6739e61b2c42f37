import { expect, it } from 'vitest'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { approvalsFlock } from './approvals.ts'

const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)

it.each([
  ['fixed seeds', 1, 5],
  ['fresh seeds', FRESH, Number(process.env.SEEDS ?? 1)],
])(
  'what somebody has to approve is run once, and only then, whatever befalls whom: %s, from %d',
  { timeout: 600_000 },
  async (_, first, count) => {
    let ran = 0
    for (let seed = first; seed < first + count; seed++) {
      const flock = approvalsFlock()
      const { breach, journal } = await simulate({ seed, flock, profile: PROFILES.storm })
      expect(breach, `seed ${seed}`).toBeUndefined()
      expect(flock.seen.wrong, `seed ${seed}`).toEqual([])
      const passed = journal.filter(({ took }) => took.event === 'person.passed')
      expect(passed.length, `seed ${seed}`).toBeGreaterThanOrEqual(flock.seen.ran.size)
      ran += flock.seen.ran.size
    }
    expect(ran).toBeGreaterThan(0)
  },
)
