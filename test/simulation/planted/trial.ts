/** What is bundled with a bug in it: one world of a small flock, in a storm. */
import type { Breach } from '../../../src/simulation/breach.ts'
import { PROFILES } from '../../../src/simulation/profile.ts'
import { type SimulationOptions, simulate } from '../../../src/simulation/world.ts'
import { crowdedFlock, errandsFlock } from '../errands.ts'

const { storm } = PROFILES

const WORLDS = {
  errands: { flock: errandsFlock(), profile: storm },
  /** Runners have work in hand, and their mailbox takes no more than one errand besides. */
  crowded: { flock: crowdedFlock(), profile: storm, mailboxCapacity: 1 },
  /** When the answer is there, there is mail that nobody waits for. */
  thanks: { flock: errandsFlock(undefined, true), profile: storm },
} as const satisfies Record<string, Omit<SimulationOptions, 'seed'>>

export type TrialWorld = keyof typeof WORLDS

/** What breaks in the world of a seed, if anything does. */
export async function trial(seed: number, world: TrialWorld = 'errands'): Promise<Breach | undefined> {
  const { breach } = await simulate({ seed, ...WORLDS[world] })
  return breach
}
