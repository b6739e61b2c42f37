/** The coding job itself, on a small workspace, in the simulator: its commands run once, for all seeds. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SIMULATED_PEERS, simulatedJob } from '../../../cli/simulated-job.ts'
import { spansOfRun } from '../../../src/run/trace.ts'
import type { SimulatedFlock } from '../../../src/simulation/flock.ts'
import { PROFILES, type Profile } from '../../../src/simulation/profile.ts'
import { simulate } from '../../../src/simulation/world.ts'
import type { GoodKind } from './good-run.ts'

const WORKSPACE = new URL('../../fixtures/workspaces/tiny', import.meta.url).pathname

/** Commands need a folder: whoever wants these runs has one made, and takes it away. */
export async function prepareCoding() {
  const scratch = await mkdtemp(join(tmpdir(), 'skein-diagnose-'))
  const flock = await simulatedJob({ workspace: WORKSPACE, scratch, peers: SIMULATED_PEERS })
  return { kinds: codingKinds(flock), dispose: () => rm(scratch, { recursive: true, force: true }) }
}

const { none, storm } = PROFILES

const codingKinds = (flock: SimulatedFlock): readonly GoodKind[] => [
  inWorld('coding', 'the real roles do their job', flock, none),
  inWorld('coding, storm', 'the real roles do their job while processes die', flock, storm),
]

const inWorld = (name: string, note: string, flock: SimulatedFlock, profile: Profile): GoodKind => ({
  name,
  async run(seed) {
    const { journal, record, breach } = await simulate({ seed, flock, profile })
    if (breach !== undefined || record === undefined) throw new Error(`seed ${seed}: ${breach?.text}`)
    return { note, due: [], spans: spansOfRun(journal, record) }
  },
})
