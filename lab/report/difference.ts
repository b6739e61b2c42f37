/** What can be said of two estimates: whether they can be told apart, and by how much they differ. */
import type { Estimate } from '../results.ts'

/** Two means, one less the other, with the ends of the interval of that difference. */
export type Difference = { readonly value: number; readonly low: number; readonly high: number }

/**
 * Intervals that lie apart. This asks for more than an interval of the difference that leaves out 0, so nothing is
 * called better that the plot shows overlapping. One run alone has no interval, so nothing lies apart from it.
 */
export const liesApart = (one: Estimate, other: Estimate): boolean =>
  one.count > 1 && other.count > 1 && (one.low > other.high || other.low > one.high)

/**
 * The interval of a difference of two independent means from the intervals of the means, which need not be symmetric:
 * the method of variance estimates recovery, Zou and Donner, "Construction of confidence limits about effect measures",
 * Statistics in Medicine 27 (2008), section 2. Cells share their seeds, so their means move together where chance does
 * the same to both; then this interval is wider than it had to be.
 */
export function differenceOf(one: Estimate, other: Estimate): Difference {
  const value = one.mean - other.mean
  return {
    value,
    low: value - Math.hypot(one.mean - one.low, other.high - other.mean),
    high: value + Math.hypot(one.high - one.mean, other.mean - other.low),
  }
}

export const isKnown = (estimate: Estimate | undefined): estimate is Estimate =>
  estimate !== undefined && [estimate.mean, estimate.low, estimate.high].every(Number.isFinite)
