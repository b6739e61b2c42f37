/**
 * The smallest schedule that still breaks the same invariant, by delta debugging (Zeller and Hildebrandt, "Simplifying
 * and isolating failure-inducing input", 2002). Fewer faults may make another run of it, so each try is a run.
 */
import type { Breach } from './breach.ts'
import type { FaultEntry, FaultId } from './schedule.ts'
import type { Simulation } from './world.ts'

export type ShrinkOptions = {
  /** The run with only these faults. */
  readonly simulate: (only: ReadonlySet<FaultId>) => Promise<Simulation>
  /** Runs it may take. */
  readonly tries: number
  readonly signal?: AbortSignal
}

export type Shrunk = {
  readonly breach: Breach
  readonly faults: readonly FaultEntry[]
  readonly tries: number
}

/** @param found a run that broke an invariant */
export async function shrink(found: Simulation, { simulate, tries, signal }: ShrinkOptions): Promise<Shrunk> {
  let smallest = found
  let tried = 0

  /** Whether the run with only these faults breaks as well. It is the smallest then. */
  async function breaks(faults: readonly FaultEntry[]): Promise<boolean> {
    tried++
    const run = await simulate(new Set(faults.map(({ id }) => id)))
    const isSame = run.breach?.invariant === found.breach?.invariant
    if (isSame && run.faults.length < smallest.faults.length) smallest = run
    return isSame
  }
  const mayTry = () => tried < tries && signal?.aborted !== true

  // A whole kind at a time first: most faults are of kinds that have nothing to do with it.
  for (const kind of new Set(found.faults.map((fault) => fault.kind))) {
    if (!mayTry()) break
    const rest = smallest.faults.filter((fault) => fault.kind !== kind)
    if (rest.length < smallest.faults.length) await breaks(rest)
  }
  for (let parts = 2; mayTry() && smallest.faults.length > 0; ) {
    const { faults } = smallest
    const size = Math.ceil(faults.length / parts)
    let smaller = false
    for (let from = 0; from < faults.length && !smaller && mayTry(); from += size) {
      const rest = [...faults.slice(0, from), ...faults.slice(from + size)]
      smaller = (await breaks(rest)) && smallest.faults.length < faults.length
    }
    if (smaller) parts = Math.max(2, parts - 1)
    else if (size === 1) break
    else parts = Math.min(faults.length, parts * 2)
  }
  return { breach: smallest.breach!, faults: smallest.faults, tries: tried }
}
