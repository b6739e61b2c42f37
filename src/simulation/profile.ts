/** How bad the world is: rates of faults by kind, and for how long. Plain data; a seed makes faults of it. */
import type { FaultKind } from './schedule.ts'

export type Profile = {
  /** Virtual milliseconds from the start during which faults strike. */
  readonly stormMs: number
  /** Share of the operations of a process that each kind befalls; of those it makes sense for. */
  readonly operations: Rates<
    'delay' | 'stall' | 'drop' | 'duplicate' | 'reorder' | 'unanswered' | 'forgotten' | 'stale' | 'crash'
  >
  /** How many in a minute of the storm, in the whole flock. */
  readonly processes: Rates<'crash' | 'pause' | 'partition' | 'join' | 'drain'>
  /** Share of the processes whose clock is wrong, by as much as `SKEW_MS`. */
  readonly skew: number
  /** Share of the calls to a model. */
  readonly models: Rates<'slow' | 'model-error' | 'truncated' | 'wrong-answer' | 'unknown-tool'>
}

type Rates<Kind extends FaultKind> = Readonly<Partial<Record<Kind, number>>>

/** A clock that is wrong is so by at most this, in milliseconds, either way. */
export const SKEW_MS = 2_000

const calm: Profile = { stormMs: 0, operations: {}, processes: {}, skew: 0, models: {} }

const network: Profile = {
  ...calm,
  stormMs: 60_000,
  operations: {
    delay: 0.2,
    stall: 0.002,
    drop: 0.1,
    duplicate: 0.1,
    reorder: 0.1,
    unanswered: 0.01,
    forgotten: 0.2,
  },
}

const storm: Profile = {
  stormMs: 60_000,
  operations: { ...network.operations, unanswered: 0.02, crash: 0.004 },
  processes: { crash: 2, pause: 1, partition: 1, join: 0.5, drain: 0.5 },
  skew: 0.3,
  models: { slow: 0.05, 'model-error': 0.03, truncated: 0.03, 'wrong-answer': 0.03, 'unknown-tool': 0.03 },
}

/** A bus that breaks its word besides: it says that reads are linear. */
const stale: Profile = { ...storm, operations: { ...storm.operations, stale: 0.01 } }

/** By name, for the command line: everything, a bad network only, a bus that breaks its word besides, nothing. */
export const PROFILES = { storm, network, stale, none: calm } as const satisfies Record<string, Profile>
