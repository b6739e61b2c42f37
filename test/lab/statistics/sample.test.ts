import { describe, expect, it } from 'vitest'
import { mean } from '../../../lab/statistics/mean.ts'
import { normalQuantile, normalShare, studentQuantile } from '../../../lab/statistics/normal.ts'
import { quantile } from '../../../lab/statistics/quantile.ts'

describe('a sample', () => {
  it('has a mean', () => {
    expect(mean([1, 2, 6])).toBe(3)
  })

  it('has quantiles between its order statistics', () => {
    const sample = [40, 10, 20, 30]
    expect([0, 1 / 3, 0.5, 0.9, 1].map((share) => quantile(sample, share))).toEqual([10, 20, 25, 37, 40])
    expect(sample).toEqual([40, 10, 20, 30])
    expect(quantile([7], 0.95)).toBe(7)
    expect(quantile([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.75)).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  it('that is empty is refused', () => {
    expect(() => mean([])).toThrow('a sample is empty')
    expect(() => quantile([], 0.5)).toThrow('a sample is empty')
  })
})

describe('the normal distribution', () => {
  it('has the shares and quantiles of the tables', () => {
    expect(normalShare(0)).toBeCloseTo(0.5, 6)
    expect(normalShare(1.959_964)).toBeCloseTo(0.975, 6)
    expect(normalShare(-1)).toBeCloseTo(0.158_655_25, 6)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959_964, 4)
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326_348, 4)
  })

  it('leads back from quantile to share', () => {
    for (const share of [0.001, 0.2, 0.5, 0.77, 0.999]) {
      expect(normalShare(normalQuantile(share))).toBeCloseTo(share, 8)
    }
  })
})

describe("Student's distribution", () => {
  it('has the quantiles of the tables, and is normal for many degrees of freedom', () => {
    expect(studentQuantile(0.975, 29)).toBeCloseTo(2.045_23, 4)
    expect(studentQuantile(0.025, 9)).toBeCloseTo(-2.262_16, 3)
    expect(studentQuantile(0.9, 5)).toBeCloseTo(1.475_88, 3)
    expect(studentQuantile(0.975, 1e9)).toBeCloseTo(normalQuantile(0.975), 6)
  })
})
