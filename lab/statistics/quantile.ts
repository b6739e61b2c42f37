/** Quantiles of a sample. */
import { InvalidError } from '../../protocols/errors.ts'

/**
 * The value below which a share of the sample lies, `share` from 0 to 1: straight between the two nearest order
 * statistics, at (n - 1) share from 0. Source: R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The
 * American Statistician 50(4), 1996, definition 7.
 * @throws InvalidError `invalid.sample` for an empty sample
 */
export function quantile(sample: readonly number[], share: number): number {
  return sortedQuantile(
    sample.toSorted((a, b) => a - b),
    share,
  )
}

/** The same of a sample in rising order, which is not sorted again. */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new InvalidError('sample', 'a sample is empty: it has no quantiles')
  const place = (sorted.length - 1) * Math.min(1, Math.max(0, share))
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  // Equal ends first: the difference of two infinities is no number.
  return below === above ? below : below + (above - below) * (place - Math.floor(place))
}
