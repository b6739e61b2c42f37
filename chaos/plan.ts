/** What is done to a flight, and what flies. */
import type { SeededRandom } from '../src/time/random.ts'
import type { Servers } from './servers.ts'
import type { Stage } from './stage.ts'
import type { Storm } from './storm.ts'
import type { Wire } from './wire.ts'
import type { WorkspaceName } from './workspace.ts'

export type Plan = {
  readonly name: string
  readonly workspace: WorkspaceName
  /** Its models are behind an endpoint that counts its calls; otherwise there is none. */
  readonly hasEndpoint: boolean
  /** 1, or 3 that replicate everything. */
  readonly servers: 1 | 3
  /** The bound for adoption, in seconds. */
  readonly adoptionS: number
  /** What hits the peers. At least so many kills and pauses are made, in a second run if the first ends too soon. */
  readonly storm: Storm
  /** The process that the first run was started in is killed within so many milliseconds; never unless given. */
  readonly starterDiesWithinMs?: number
  /** What hits the servers, each hit as soon as the one before has passed; all of them within the first run. */
  readonly serverHits: readonly ServerHit[]
}

/** Ends a server at a random moment, and starts it again. False where the run was over before. */
export type ServerHit = (sky: Sky) => Promise<boolean>

/** What a server hit sees of a run. */
export type Sky = Pick<Stage, 'clock' | 'say'> & {
  readonly servers: Servers
  readonly wire: Wire
  readonly random: SeededRandom
  /** The run is over. */
  readonly signal: AbortSignal
}
