/** A run in which nothing is wrong: whoever finds a fault in it is mistaken, or says why. */

import type { SeededRandom } from '../../../src/time/random.ts'
import type { Span } from '../../../traces/span.ts'
import type { FaultCode } from '../faults/fault.ts'

export type GoodRun = {
  /** What is in it that might be taken for a fault. */
  readonly note: string
  /** What must be noted in it, and no more than noted: a process that died at work and was adopted. */
  readonly due: readonly FaultCode[]
  readonly spans: readonly Span[]
}

/** One kind of good runs: another one for each seed. */
export type GoodKind = {
  readonly name: string
  readonly run: (seed: number, random: SeededRandom) => Promise<GoodRun>
}

/** A whole number from `least` to `most`. */
export const between = (random: SeededRandom, least: number, most: number): number =>
  least + Math.floor(random.next() * (most - least + 1))
