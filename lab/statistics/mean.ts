/** The mean of a sample. */
import { InvalidError } from '../../protocols/errors.ts'

/** @throws InvalidError `invalid.sample` for an empty sample */
export function mean(sample: readonly number[]): number {
  if (sample.length === 0) throw new InvalidError('sample', 'a sample is empty: nothing can be said of it')
  let sum = 0
  for (const value of sample) sum += value
  return sum / sample.length
}
