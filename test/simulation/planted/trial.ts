/** What is bundled with a bug in it: one world of the errands flock, in a storm. */
import type { Breach } from '../../../src/simulation/breach.ts'
import { PROFILES } from '../../../src/simulation/profile.ts'
import { simulate } from '../../../src/simulation/world.ts'
import { errandsFlock } from '../errands.ts'

const flock = errandsFlock()

/** What breaks in the world of a seed, if anything does. */
export async function trial(seed: number): Promise<Breach | undefined> {
  const { breach } = await simulate({ seed, flock, profile: PROFILES.storm })
  return breach
}
