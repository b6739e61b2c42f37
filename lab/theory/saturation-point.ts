/**
 * The saturation point read off measurements: throughput over a sweep of sizes, without knowing what the hub costs.
 * `closed-queue.ts` says where it should lie.
 */
import { InvalidError } from '../../protocols/errors.ts'

/** Throughput, in tasks a second, that was measured with so many workers. */
export type SweepPoint = { readonly customers: number; readonly throughput: number }

export type SaturationPoint = {
  /** N*: workers at which the asymptotes cross. Where `reached` is false, it lies higher. */
  readonly customers: number
  /** Tasks a second of one worker: the slope of the light asymptote. */
  readonly single: number
  /** Tasks a second of the plateau: the heavy asymptote. */
  readonly plateau: number
  /** Whether the sweep goes far enough beyond the crossing to show a plateau. */
  readonly reached: boolean
}

/** Sizes from so many times N* on count as the plateau. */
const PLATEAU_FROM = 2

/**
 * N* as the crossing of the two asymptotes of the measured curve, N* = Xmax / X(1).
 *
 * Xmax is the mean of all points of the sweep with N >= 2 max(X) / X(1), twice the first guess of the crossing. Closer
 * to it a hub of random service is not busy all the time (an exponential one with D = Z is busy 98.5 % at 2 N*, and
 * busier there the larger Z / D is); and the maximum itself, of points that each err by chance, would be too high.
 * Where the sweep does not go that far, Xmax is the maximum and `reached` is false.
 *
 * Source: the crossing is Lazowska et al., "Quantitative System Performance", 1984, section 5.2; the choice of the
 * plateau is ours.
 * @throws InvalidError `invalid.sweep` where there is no point with one worker, or it shows no throughput
 */
export function readSaturation(sweep: readonly SweepPoint[]): SaturationPoint {
  const single = sweep.find(({ customers }) => customers === 1)?.throughput
  if (single === undefined || !(single > 0)) {
    const sizes = sweep.map(({ customers }) => customers).join(', ')
    throw new InvalidError(
      'sweep',
      `a sweep over the sizes [${sizes}] has no throughput of one worker: measure size 1 as well`,
    )
  }
  const highest = sweep.reduce((most, { throughput }) => Math.max(most, throughput), 0)
  const flat = sweep.filter(({ customers }) => customers >= (PLATEAU_FROM * highest) / single)
  const reached = flat.length > 0
  const plateau = reached ? flat.reduce((sum, { throughput }) => sum + throughput, 0) / flat.length : highest
  return { customers: plateau / single, single, plateau, reached }
}
