/**
 * What can be said of two things that were measured: whether they can be told apart, and by how much they differ.
 *
 * Cells share their seeds, and a seed draws the same times for each of them. So what is compared is the difference of
 * each pair of runs with one seed: the luck that both had is not in it, and topologies whose bands lie on one another may
 * still differ in every pair. Without such pairs, the intervals of the two means are all there is.
 */
import type { Estimate } from '../results.ts'
import { type BySeed, pairedDifference } from '../statistics/paired.ts'
import { ROUNDING } from './quantity.ts'

/** An estimate, and the runs that it is of, where they are known. */
export type Compared = { readonly estimate: Estimate; readonly runs?: Runs | undefined }

/** Values of a metric by the seeds of their runs. */
export interface Runs {
  readonly bySeed: BySeed
  /** By how much these differ from others with the same seeds. Asked for many times, by words and tables, and found once. */
  less(other: Runs): Difference
}

/** @param confidence of the intervals, above 0 and below 1 */
export function pairedRuns(bySeed: BySeed, confidence: number): Runs {
  const known = new Map<Runs, Difference>()
  return {
    bySeed,
    less(other) {
      const before = known.get(other)
      if (before !== undefined) return before
      const { mean, low, high } = pairedDifference(bySeed, other.bySeed, { confidence })
      const difference = { value: mean, low, high }
      known.set(other, difference)
      return difference
    },
  }
}

/** Two means, one less the other, with the ends of the interval of that difference. */
export type Difference = { readonly value: number; readonly low: number; readonly high: number }

/**
 * By pairs, an interval of the difference that leaves out 0. Without them, intervals that lie apart, which asks for more.
 * One run alone has no interval, so nothing lies apart from it.
 */
export function liesApart(one: Compared, other: Compared): boolean {
  const [a, b] = [one.estimate, other.estimate]
  if (a.count < 2 || b.count < 2) return false
  if (pairsOf(one, other) === undefined) return a.low > b.high || b.low > a.high
  const { low, high } = differenceOf(one, other)
  // Pairs that are alike in all may differ by what arithmetic loses, and always by the same.
  const rounding = ROUNDING * Math.max(Math.abs(a.mean), Math.abs(b.mean))
  return low > rounding || high < -rounding
}

/**
 * By pairs, the bootstrap of their differences. Without them, the interval of a difference of two independent means from
 * the intervals of the means, which need not be symmetric: the method of variance estimates recovery, Zou and Donner,
 * "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008), section 2.
 */
export function differenceOf(one: Compared, other: Compared): Difference {
  const pairs = pairsOf(one, other)
  if (pairs !== undefined) return pairs[0].less(pairs[1])
  const [a, b] = [one.estimate, other.estimate]
  const value = a.mean - b.mean
  return {
    value,
    low: value - Math.hypot(a.mean - a.low, b.high - b.mean),
    high: value + Math.hypot(a.high - a.mean, b.mean - b.low),
  }
}

/** The runs of both, where each has its pair: else the difference would be one of other means than those that are shown. */
function pairsOf({ runs: one }: Compared, { runs: other }: Compared): readonly [Runs, Runs] | undefined {
  if (one === undefined || other === undefined || one.bySeed.size !== other.bySeed.size) return undefined
  return [...one.bySeed.keys()].every((seed) => other.bySeed.has(seed)) ? [one, other] : undefined
}

export const isKnown = (estimate: Estimate | undefined): estimate is Estimate =>
  estimate !== undefined && [estimate.mean, estimate.low, estimate.high].every(Number.isFinite)
