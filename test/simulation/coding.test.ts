/** The real roles in the simulator, on a small workspace: `skein simulate` does the same on a larger one, for longer. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SIMULATED_PEERS, simulatedJob } from '../../cli/simulated-job.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'

const WORKSPACE = new URL('../fixtures/workspaces/tiny', import.meta.url).pathname
const SEEDS = Number(process.env.SEEDS ?? 2)
const FIRST = Math.floor(systemRandom().next() * 1_000_000_000)

let scratch: string
let flock: SimulatedFlock
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'skein-simulation-'))
  flock = await simulatedJob({ workspace: WORKSPACE, scratch, peers: SIMULATED_PEERS })
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

describe('the coding job in the simulator', () => {
  it('gives the same run for the same seed, whether its commands were run before or not', async () => {
    const [once, again] = [
      await simulate({ seed: 5, flock, profile: PROFILES.storm }),
      await simulate({ seed: 5, flock, profile: PROFILES.storm }),
    ]
    expect(again.hash).toBe(once.hash)
  })

  it(`breaks no invariant and comes to the same patch, whatever befalls it: from seed ${FIRST}`, {
    timeout: 3_600_000,
  }, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const { breach } = await simulate({ seed, flock, profile: PROFILES.storm })
      expect(breach, `seed ${seed}`).toBeUndefined()
    }
  })
})
