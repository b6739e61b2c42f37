import { describe, expect, it } from 'vitest'
import { estimateMean } from '../../../lab/statistics/bootstrap.ts'
import { pairedDifference, pairedRatio } from '../../../lab/statistics/paired.ts'
import { seededRandom } from '../../../src/time/random.ts'

/** Makespans that hang on the seed far more than on the topology, which makes one of them 2 s longer. */
function makespans(seeds: number) {
  const random = seededRandom(9)
  const one = new Map<number, number>()
  const other = new Map<number, number>()
  for (let seed = 1; seed <= seeds; seed++) {
    const job = 100 + 50 * random.next()
    one.set(seed, job + 2 + random.next())
    other.set(seed, job + random.next())
  }
  return { one, other }
}

describe('two topologies over the same seeds', () => {
  it('differ by an interval that the job of a seed does not widen', () => {
    const { one, other } = makespans(30)
    const difference = pairedDifference(one, other)
    expect(difference.count).toBe(30)
    expect(difference.low).toBeGreaterThan(1.5)
    expect(difference.high).toBeLessThan(2.5)
    const apart = estimateMean([...one.values()])
    expect(difference.high - difference.low).toBeLessThan((apart.high - apart.low) / 10)
  })

  it('stand in a ratio of their means', () => {
    const one = new Map([
      [1, 30],
      [2, 10],
    ])
    const other = new Map([
      [1, 10],
      [2, 10],
    ])
    expect(pairedRatio(one, other).mean).toBe(2)
    const { one: long, other: short } = makespans(30)
    const { low, high } = pairedRatio(long, short)
    expect(low).toBeGreaterThan(1)
    expect(high).toBeLessThan(1.03)
  })

  it('are compared over the seeds that both have, in whatever order they ended', () => {
    const one = new Map([
      [3, 5],
      [1, 4],
      [2, 8],
      [9, 1000],
    ])
    const other = new Map([
      [2, 1],
      [3, 2],
      [1, 2],
      [8, 1000],
    ])
    const difference = pairedDifference(one, other)
    expect(difference.mean).toBe(4)
    expect(difference.count).toBe(3)
    expect(pairedDifference(new Map([...one].toReversed()), other)).toEqual(difference)
  })

  it('covers no difference 95 times of 100, or nearly, where there is none', () => {
    const random = seededRandom(12)
    const trials = 300
    let covered = 0
    for (let trial = 0; trial < trials; trial++) {
      const draw = () => new Map(Array.from({ length: 30 }, (_, seed) => [seed, random.next()]))
      const { low, high } = pairedDifference(draw(), draw(), { seed: trial, resamples: 400 })
      if (low <= 0 && 0 <= high) covered++
    }
    expect(covered / trials).toBeGreaterThan(0.9)
    expect(covered / trials).toBeLessThan(0.985)
  })

  it('cannot be compared without a seed in common, nor by a ratio over nothing', () => {
    expect(() => pairedDifference(new Map([[1, 1]]), new Map([[2, 1]]))).toThrow('no seed in common')
    expect(() => pairedRatio(new Map([[1, 1]]), new Map([[1, 0]]))).toThrow('Infinity')
  })
})
