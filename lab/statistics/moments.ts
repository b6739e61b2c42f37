/** Moments of a sample. */
import { InvalidError } from '../../protocols/errors.ts'

/** @throws InvalidError `invalid.sample` for an empty sample */
export function mean(sample: readonly number[]): number {
  if (sample.length === 0) throw new InvalidError('sample', 'a sample is empty: nothing can be said of it')
  let sum = 0
  for (const value of sample) sum += value
  return sum / sample.length
}

/**
 * The unbiased variance, over n - 1; 0 for one value.
 * @throws InvalidError `invalid.sample` for an empty sample
 */
export function variance(sample: readonly number[]): number {
  const centre = mean(sample)
  if (sample.length === 1) return 0
  return sample.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (sample.length - 1)
}

/**
 * C², variance over the square of the mean: what queueing theory knows of a service time.
 * @throws InvalidError `invalid.sample` for an empty sample
 */
export function squaredVariation(sample: readonly number[]): number {
  return variance(sample) / mean(sample) ** 2
}
