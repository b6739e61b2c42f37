/** The coding job for the simulator: the real roles with their offline policies, on a workspace. */
import { actors, codingJob } from '../actors/coding.ts'
import { run } from '../protocols/run.ts'
import type { Bus } from '../src/bus/bus.ts'
import type { OriginOutput } from '../src/run/origin.ts'
import type { SimulatedFlock } from '../src/simulation/flock.ts'
import { PROFILES } from '../src/simulation/profile.ts'
import { realWork } from '../src/simulation/real-work.ts'
import { withRememberedTools } from '../src/simulation/remembered-tools.ts'
import { timelessBlobs } from '../src/simulation/timeless-blobs.ts'
import { simulate } from '../src/simulation/world.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { MESH, type Topology } from '../src/topology/topology.ts'
import { CliError } from './input/error.ts'

export type SimulatedJobOptions = {
  readonly workspace: string
  /** A directory for the commands of tools. */
  readonly scratch: string
  readonly peers: Readonly<Record<string, number>>
  /** How its agents are wired: a mesh unless given. */
  readonly topology?: Topology
  /** Of another job on the same workspace: what was run for it is not run again. */
  readonly like?: Pick<SimulatedFlock, 'blobs' | 'work'>
}

/** Does the job once in a calm world: what every other world must come to as well. @throws CliError `cli.workspace` */
export async function simulatedJob({
  workspace,
  scratch,
  peers,
  topology = MESH,
  like,
}: SimulatedJobOptions): Promise<SimulatedFlock> {
  const blobs = like?.blobs ?? timelessBlobs()
  const job = codingJob({ goal: 'Make the failing tests pass', workspace, peers, topology })
  const { start, base, documents } = await job.prepare({ blobs } as Pick<Bus, 'blobs'> as Bus)
  const work = like?.work ?? realWork()
  const world = { work, blobs, scratch, clock: systemClock(), random: systemRandom() }
  const flock: SimulatedFlock = {
    crew: job.roles.map(({ role, count }) => ({ role: withRememberedTools(role, world), count })),
    ...{ start, topology, base: base!, documents: documents!, blobs, work },
    limits: { tokens: 1_000_000_000, money: null, messages: 10_000 },
    outcomeOf,
    check: () => undefined,
  }
  const { output } = await simulate({ seed: 0, flock, profile: PROFILES.none })
  const wanted = resultIn(output)
  if (wanted?.outcome === 'completed') {
    return { ...flock, check: (given) => difference(wanted.patch, given) }
  }
  throw new CliError(
    'workspace',
    `the job on "${workspace}" is not done even where nothing goes wrong: ${wanted?.reason ?? JSON.stringify(output)}`,
  )
}

const resultIn = (output: OriginOutput | undefined) =>
  output?.kind === 'answer' ? run.messages.result.body.safeParse(output.body).data : undefined

const outcomeOf = (output: OriginOutput) => resultIn(output)?.outcome ?? output.kind

function difference(wanted: string | null, output: OriginOutput): string | undefined {
  const result = resultIn(output)
  if (result?.outcome === 'completed' && result.patch === wanted) return undefined
  if (result?.outcome === 'completed') return 'the patch is another one than where nothing goes wrong'
  return `the run ended as ${outcomeOf(output)}: ${output.kind === 'failure' ? output.reason : result?.reason}`
}

/** Peers of each role: five in all, unless the command line says otherwise. */
export const SIMULATED_PEERS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.keys(actors).map((name) => [name, 1])),
  coder: 2,
}
