/** What a flight is made with. */
import type { Clock } from '../src/time/clock.ts'
import type { SeededRandom } from '../src/time/random.ts'
import type { Children } from './children.ts'

export type Stage = {
  /** Holds all that is written: logs, stores, workspaces. */
  readonly folder: string
  /** The nats-server to run. */
  readonly binary: string
  readonly children: Children
  readonly clock: Clock
  /** Draws all that is left to chance. */
  readonly random: SeededRandom
  /** Takes a line for people. */
  readonly say: (text: string) => void
  /** Stops everything. */
  readonly signal: AbortSignal
}
