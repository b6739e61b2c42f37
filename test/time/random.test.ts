import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom, systemRandom } from '../../src/time/random.ts'

const draws = (random: { next(): number }, count: number) =>
  Array.from({ length: count }, () => random.next())

describe.each([
  ['system', () => systemRandom()],
  ['seeded', () => seededRandom(7)],
])('%s chance', (_, make) => {
  test('is spread evenly over [0, 1)', () => {
    const values = draws(make(), 10_000)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    const counts = new Array<number>(10).fill(0)
    for (const value of values) counts[Math.floor(value * 10)]!++
    // Ten standard deviations of a fair draw.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(300)
  })

  test('makes hex of the length that is asked for', () => {
    const random = make()
    for (const bytes of [0, 1, 3, 4, 5, 16, 33]) {
      expect(random.hex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    }
  })
})

describe('seeded chance', () => {
  test('is the same on every machine and in every version: a seed is part of a bug report', () => {
    expect(draws(seededRandom(1), 2)).toEqual([0.3678755429573357, 0.08161311969161034])
    expect(seededRandom(1).hex(8)).toBe('5e2d177214e498f0')
    expect(seededRandom(1).fork('faults').hex(8)).toBe('939e6f4aabfad846')
  })

  test('draws the same again from the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(draws(seededRandom(seed), 5)).toEqual(draws(seededRandom(seed), 5))
      }),
    )
  })

  test('draws otherwise from another seed', () => {
    const seeds = Array.from({ length: 1_000 }, (_, seed) => seededRandom(seed).hex(8))
    expect(new Set(seeds).size).toBe(1_000)
  })

  test('forks a stream that does not depend on what was drawn before', () => {
    const [fresh, used] = [seededRandom(3), seededRandom(3)]
    draws(used, 10)
    expect(draws(used.fork('faults'), 5)).toEqual(draws(fresh.fork('faults'), 5))
  })

  test('forks another stream for another concern, and for another seed', () => {
    const streams = [1, 2].flatMap((seed) =>
      ['faults', 'models', 'model', 'a.b', 'b.a'].map((concern) => seededRandom(seed).fork(concern).hex(8)),
    )
    streams.push(seededRandom(1).hex(8))
    expect(new Set(streams).size).toBe(11)
  })

  test('forks without disturbing the stream it comes from', () => {
    const [one, other] = [seededRandom(3), seededRandom(3)]
    one.fork('faults')
    expect(draws(one, 5)).toEqual(draws(other, 5))
  })
})
