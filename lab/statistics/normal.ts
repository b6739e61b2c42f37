/** The standard normal distribution, and Student's, which takes its place for few values. */

/**
 * Φ(z), to within 1e-7. Source: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.2.17.
 */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z))
  const series =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))))
  const tail = (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series
  return z >= 0 ? 1 - tail : tail
}

/** The z with Φ(z) = `share`, between -8 and 8. */
export function normalQuantile(share: number): number {
  let [low, high] = [-8, 8]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The t that a share of Student's distribution with so many degrees of freedom lies below. A series in 1 / freedom, good
 * to a thousandth from 5 degrees on between shares of 0.005 and 0.995; below, too near to 0. Source: Abramowitz and
 * Stegun, 26.7.5.
 */
export function studentQuantile(share: number, freedom: number): number {
  const z = normalQuantile(share)
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}
