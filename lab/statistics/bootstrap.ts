/**
 * Confidence intervals by the bootstrap: the sample is drawn again from itself, with replacement, many times, and the
 * spread of the statistic over these is that of the statistic. It asks for no distribution, which suits makespans under
 * faults, that have none with a name.
 *
 * The interval is BCa, bias-corrected and accelerated: percentiles of the redrawn statistics, moved by how far their
 * median is from the statistic (z0) and by how its spread changes with it (a, from leaving out one value at a time). The
 * plain percentile interval misses on one side where a sample is skewed, as waiting times and makespans are. Both are too
 * narrow for few values, as the redrawn samples spread by (n - 1) / n of the variance and the normal quantiles know no
 * degrees of freedom; so the quantiles are Student's, times sqrt(n / (n - 1)).
 *
 * Covered of 1,500 intervals of 95 % for the mean of 30 values (of 10), by simulation:
 *
 *     values       percentile      BCa             this
 *     normal       0.94 (0.90)     0.94 (0.89)     0.95 (0.94)
 *     uniform      0.93 (0.91)     0.94 (0.93)     0.95 (0.97)
 *     Laplace      0.93 (0.88)     0.91 (0.86)     0.93 (0.91)
 *     exponential  0.91 (0.86)     0.93 (0.87)     0.94 (0.93)
 *     log-normal   0.89 (0.79)     0.90 (0.81)     0.91 (0.86)
 *
 * Sources: B. Efron, "Better bootstrap confidence intervals", J. American Statistical Association 82(397), 1987;
 * T. C. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69(4), 2015, for the
 * wider quantiles.
 */
import { InvalidError } from '../../protocols/errors.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Estimate } from '../results.ts'
import { mean } from './mean.ts'
import { normalQuantile, normalShare, studentQuantile } from './normal.ts'
import { sortedQuantile } from './quantile.ts'

export type BootstrapOptions = {
  /** Of the redrawing: the same sample and seed give the same interval. 1 unless it is given. */
  readonly seed?: number
  /** Share of intervals that cover what they estimate, above 0 and below 1. 0.95 unless it is given. */
  readonly confidence?: number
  /** How often the sample is redrawn. 2,000 unless it is given. */
  readonly resamples?: number
}

/** Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 14.3, take as many for BCa. */
const RESAMPLES = 2_000

/**
 * The mean of a sample with its interval.
 * @throws InvalidError `invalid.sample` for an empty sample, or one with a value that is not finite
 */
export function estimateMean(sample: readonly number[], options: BootstrapOptions = {}): Estimate {
  return estimate(sample, mean, options)
}

/**
 * Any statistic of a sample with its interval; `mean` of the estimate is the statistic of the sample itself. Redrawn
 * samples for which the statistic is not finite (a ratio over 0) are left out. Of a single value the interval is that
 * value: one run says nothing of the spread, and `count` says that it was one.
 * @throws InvalidError `invalid.sample` for an empty sample, or one whose statistic is not finite
 */
export function estimate<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  { seed = 1, confidence = 0.95, resamples = RESAMPLES }: BootstrapOptions = {},
): Estimate {
  const count = sample.length
  if (count === 0) throw new InvalidError('sample', 'a sample is empty: there is nothing to estimate')
  const centre = statistic(sample)
  if (!Number.isFinite(centre)) {
    throw new InvalidError(
      'sample',
      `a statistic of a sample of ${count} is ${centre}: leave out the runs without a number, and count them`,
    )
  }
  const redrawn = redraw(sample, statistic, seed, resamples)
  // All alike: there is no spread.
  if (count === 1 || redrawn.length === 0 || redrawn[0] === redrawn.at(-1)) {
    return { mean: centre, low: centre, high: centre, count }
  }
  const bias = medianBias(redrawn, centre)
  const acceleration = accelerationOf(sample, statistic)
  const end = (share: number) => {
    const moved = bias + Math.sqrt(count / (count - 1)) * studentQuantile(share, count - 1)
    return sortedQuantile(redrawn, normalShare(bias + moved / (1 - acceleration * moved)))
  }
  return { mean: centre, low: end((1 - confidence) / 2), high: end((1 + confidence) / 2), count }
}

/** The finite statistics of the redrawn samples, in rising order. */
function redraw<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  seed: number,
  resamples: number,
): Float64Array {
  const random = seededRandom(seed)
  const drawn = [...sample]
  const statistics: number[] = []
  for (let resample = 0; resample < resamples; resample++) {
    for (let place = 0; place < drawn.length; place++) {
      drawn[place] = sample[Math.floor(random.next() * sample.length)]!
    }
    const value = statistic(drawn)
    if (Number.isFinite(value)) statistics.push(value)
  }
  return Float64Array.from(statistics).sort()
}

/**
 * z0: the normal quantile of the share of redrawn statistics below that of the sample. Those equal to it count half:
 * statistics of few values, such as a share of successes, often are.
 */
function medianBias(redrawn: Float64Array, centre: number): number {
  let below = 0
  for (const value of redrawn) below += value < centre ? 1 : value === centre ? 0.5 : 0
  return normalQuantile(below / redrawn.length)
}

/** a: a sixth of the skewness of the statistics that leave out one value each. */
function accelerationOf<T>(sample: readonly T[], statistic: (sample: readonly T[]) => number): number {
  const without = sample.map((_, left) => statistic(sample.toSpliced(left, 1)))
  const centre = mean(without)
  let [squares, cubes] = [0, 0]
  for (const value of without) {
    squares += (centre - value) ** 2
    cubes += (centre - value) ** 3
  }
  const acceleration = cubes / (6 * squares ** 1.5)
  return Number.isFinite(acceleration) ? acceleration : 0
}
