import { describe, expect, it } from 'vitest'
import { estimate, estimateMean } from '../../../lab/statistics/bootstrap.ts'
import { mean } from '../../../lab/statistics/mean.ts'
import { quantile } from '../../../lab/statistics/quantile.ts'
import { type SeededRandom, seededRandom } from '../../../src/time/random.ts'

/** All with mean 1. */
const DISTRIBUTIONS = {
  uniform: (random: SeededRandom) => 2 * random.next(),
  exponential: (random: SeededRandom) => -Math.log(1 - random.next()),
  share: (random: SeededRandom) => (random.next() < 0.25 ? 4 : 0),
}

/** The variance over n and not n - 1, so that redrawn samples come out lower still. */
const spread = (sample: readonly number[]) => mean(sample.map((value) => (value - mean(sample)) ** 2))

/** How many of `trials` intervals of samples of 30 cover the mean that they estimate. */
function coverage(draw: (random: SeededRandom) => number, confidence: number, trials: number): number {
  const random = seededRandom(30)
  let covered = 0
  for (let trial = 0; trial < trials; trial++) {
    const sample = Array.from({ length: 30 }, () => draw(random))
    const { low, high } = estimateMean(sample, { seed: trial, resamples: 400, confidence })
    if (low <= 1 && 1 <= high) covered++
  }
  return covered / trials
}

describe('a bootstrap interval', () => {
  it.each([
    ['uniform', 0.95, 0.92, 0.98],
    ['exponential', 0.95, 0.9, 0.97],
    ['share', 0.95, 0.93, 1],
    ['uniform', 0.8, 0.74, 0.86],
    ['exponential', 0.5, 0.43, 0.57],
  ] as const)(
    'of 30 %s values covers their mean %d of the time, or nearly',
    (name, confidence, least, most) => {
      const found = coverage(DISTRIBUTIONS[name], confidence, 300)
      expect(found).toBeGreaterThan(least)
      expect(found).toBeLessThan(most)
    },
  )

  it('is about as wide as that of the normal distribution, for many values', () => {
    const random = seededRandom(2)
    const sample = Array.from({ length: 500 }, () => DISTRIBUTIONS.uniform(random))
    const { mean: centre, low, high, count } = estimateMean(sample)
    expect(count).toBe(500)
    expect(centre).toBe(mean(sample))
    const width = 2 * 1.96 * Math.sqrt(spread(sample) / 500)
    expect(Math.abs((high - low) / width - 1)).toBeLessThan(0.1)
  })

  it('reaches further to the side to which the sample is skewed', () => {
    const random = seededRandom(3)
    const sample = Array.from({ length: 30 }, () => DISTRIBUTIONS.exponential(random) ** 2)
    const { mean: centre, low, high } = estimateMean(sample)
    expect((high - centre) / (centre - low)).toBeGreaterThan(1.3)
  })

  it('is moved against the bias of a statistic', () => {
    const random = seededRandom(21)
    const sample = Array.from({ length: 12 }, () => DISTRIBUTIONS.uniform(random))
    const redrawn = Array.from({ length: 4000 }, () =>
      spread(sample.map(() => sample[Math.floor(random.next() * sample.length)]!)),
    )
    const { low, high } = estimate(sample, spread, { confidence: 0.5 })
    expect(low - quantile(redrawn, 0.25)).toBeGreaterThan(0.01)
    expect(high - quantile(redrawn, 0.75)).toBeGreaterThan(0.01)
  })

  it('is the same again for the same sample and seed, and another for another seed', () => {
    const sample = [3, 1, 4, 1, 5, 9, 2, 6]
    expect(estimateMean(sample, { seed: 4 })).toEqual(estimateMean(sample, { seed: 4 }))
    expect(estimateMean(sample, { seed: 5 })).not.toEqual(estimateMean(sample, { seed: 4 }))
  })

  it('can be had of any statistic', () => {
    const sample = Array.from({ length: 101 }, (_, at) => at)
    const median = estimate(sample, (drawn) => quantile(drawn, 0.5))
    expect(median.mean).toBe(50)
    expect(median.low).toBeGreaterThan(30)
    expect(median.low).toBeLessThan(46)
    expect(median.high).toBeGreaterThan(54)
    expect(median.high).toBeLessThan(70)
  })

  it('is a point where there is no spread, or one value only', () => {
    expect(estimateMean([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2, count: 3 })
    expect(estimateMean([7])).toEqual({ mean: 7, low: 7, high: 7, count: 1 })
  })

  it('is refused where there is nothing to estimate, or no number', () => {
    expect(() => estimateMean([])).toThrow('nothing to estimate')
    expect(() => estimateMean([1, Number.NaN])).toThrow('a sample of 2 is NaN')
  })
})
