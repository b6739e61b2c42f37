/** A fault that was planted in a flock, and what finds it must say. */
import type { Staged } from '../stage.ts'

export type FaultCode =
  | 'repeated-steps'
  | 'ping-pong'
  | 'unaware-of-termination'
  | 'ignored-input'
  | 'no-verification'
  | 'failed-verification'
  | 'premature-end'
  | 'unclaimed-task'
  | 'cycle-of-waits'
  | 'peer-died'
  | 'quota-starvation'

export type PlantedFault = {
  readonly name: string
  /** What its author got wrong, or what befell the flock. */
  readonly what: string
  readonly code: FaultCode
  /** Names of conversations: a span of one of them has to be cited. */
  readonly blame: readonly string[]
  /** Names of conversations beside it that did all they should: no span of theirs may be cited for it. */
  readonly innocent?: readonly string[]
  readonly run: () => Promise<Staged>
}
