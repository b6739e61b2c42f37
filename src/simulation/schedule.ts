/**
 * Faults as data: each fault that strikes in a simulation is an entry of its schedule. A run with only some of them is
 * the same run without the others, as far as those change nothing, since no fault's draw hangs on another's.
 */
import { type SeededRandom, seededRandom } from '../time/random.ts'

/** Names a fault in all runs of a seed: what it would befall, and for the how manieth time. */
export type FaultId = string

export type FaultKind =
  /** Of one operation: on its way, lost, twice, out of order, carried out and not answered, from an old replica. */
  | 'delay'
  | 'stall'
  | 'drop'
  | 'duplicate'
  | 'reorder'
  | 'unanswered'
  | 'forgotten'
  | 'stale'
  /** Of a process: killed at an operation or at a time, asleep, cut off, with a wrong clock, come late, sent away. */
  | 'crash'
  | 'pause'
  | 'partition'
  | 'skew'
  | 'join'
  | 'drain'
  /** Of a model: takes long, fails, is cut off, answers what does not parse, calls a tool that is not there. */
  | 'slow'
  | 'model-error'
  | 'truncated'
  | 'wrong-answer'
  | 'unknown-tool'

export type FaultEntry = {
  readonly id: FaultId
  /** Virtual milliseconds since the run began. */
  readonly at: number
  readonly kind: FaultKind
  readonly what: string
}

export interface Schedule {
  /** Whether a fault that was drawn strikes; it is noted if it does. */
  strikes(id: FaultId, kind: FaultKind, what: string): boolean
  entries(): readonly FaultEntry[]
}

export type ScheduleOptions = {
  /** Virtual milliseconds since the run began. */
  readonly elapsed: () => number
  /** Only these strike; all that are drawn unless given. */
  readonly only?: ReadonlySet<FaultId> | undefined
}

export function createSchedule({ elapsed, only }: ScheduleOptions): Schedule {
  const entries: FaultEntry[] = []
  return {
    strikes(id, kind, what) {
      if (only !== undefined && !only.has(id)) return false
      entries.push({ id, at: elapsed(), kind, what })
      return true
    },
    entries: () => entries,
  }
}

/** The draws of one concern: those for the n-th occasion of an identity follow from the seed and that name alone. */
export interface Draws {
  next(identity: string): { readonly id: FaultId; readonly random: SeededRandom }
}

export function createDraws(seed: number, concern: string): Draws {
  const root = seededRandom(seed).fork(concern)
  const occasions = new Map<string, number>()
  return {
    next(identity) {
      const occasion = (occasions.get(identity) ?? 0) + 1
      occasions.set(identity, occasion)
      const random = root.fork(`${identity}#${occasion}`)
      return { id: random.hex(4), random }
    },
  }
}

/** Picks one of several kinds by its rate, or none. */
export function pick<Kind extends string>(
  random: SeededRandom,
  kinds: readonly Kind[],
  rates: Readonly<Partial<Record<Kind, number>>>,
): Kind | undefined {
  let left = random.next()
  for (const kind of kinds) {
    left -= rates[kind] ?? 0
    if (left < 0) return kind
  }
  return undefined
}
