import { describe, expect, it } from 'vitest'
import { closedQueue, deterministicThroughput, saturation } from '../../../lab/theory/closed-queue.ts'
import { readSaturation } from '../../../lab/theory/saturation-point.ts'
import { seededRandom } from '../../../src/time/random.ts'

const SIZES = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128]

describe('the saturation point read off a sweep', () => {
  it.each([1, 3, 9, 19, 39])('is N* on exact curves of a random hub with Z / D = %d', (think) => {
    const star = { demand: 1, think }
    const found = readSaturation(
      SIZES.map((customers) => ({ customers, throughput: closedQueue({ customers, ...star }).throughput })),
    )
    expect(found.reached).toBe(true)
    expect(Math.abs(found.customers / saturation(star) - 1)).toBeLessThan(0.02)
  })

  it.each([0, 4.5, 31])('is N* on curves without chance with Z / D = %d', (ratio) => {
    const star = { demand: 0.2, think: 0.2 * ratio }
    const found = readSaturation(
      SIZES.map((customers) => ({ customers, throughput: deterministicThroughput({ customers, ...star }) })),
    )
    expect(found.reached).toBe(true)
    expect(found.customers).toBeCloseTo(1 + ratio, 9)
    expect(found.plateau).toBeCloseTo(5, 9)
    expect(found.single).toBeCloseTo(1 / (0.2 + 0.2 * ratio), 9)
  })

  it('is not drawn upwards by the highest of many points that err', () => {
    const random = seededRandom(3)
    const sweep = Array.from({ length: 200 }, (_, at) => ({
      customers: at + 1,
      throughput: at === 0 ? 0.1 : Math.min((at + 1) / 10, 1) * (1 + 0.1 * (random.next() - 0.5)),
    }))
    expect(Math.abs(readSaturation(sweep).customers / 10 - 1)).toBeLessThan(0.01)
  })

  it('says that a sweep ends before the plateau', () => {
    const star = { demand: 1, think: 99 }
    const sweep = [1, 2, 4, 8, 16].map((customers) => ({
      customers,
      throughput: closedQueue({ customers, ...star }).throughput,
    }))
    const found = readSaturation(sweep)
    expect(found.reached).toBe(false)
    expect(found.customers).toBeLessThan(saturation(star))
  })

  it('asks for a point with one worker', () => {
    expect(() => readSaturation([{ customers: 2, throughput: 1 }])).toThrow(/\[2\].*measure size 1/)
    expect(() => readSaturation([{ customers: 1, throughput: 0 }])).toThrow(/measure size 1/)
  })
})
