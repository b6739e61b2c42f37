import { describe, expect, it } from 'vitest'
import { closedQueue, saturation } from '../../../lab/theory/closed-queue.ts'
import {
  fitScalability,
  peak,
  type Scalability,
  scalableThroughput,
} from '../../../lab/theory/scalability.ts'
import { seededRandom } from '../../../src/time/random.ts'

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1000]
const sweepOf = (law: Scalability, sizes = SIZES) =>
  sizes.map((customers) => ({ customers, throughput: scalableThroughput(law, customers) }))

describe('the universal scalability law', () => {
  it.each([
    { single: 2, contention: 0.05, coherency: 0.0002 },
    { single: 0.1, contention: 0.3, coherency: 0 },
    { single: 5, contention: 0, coherency: 0.01 },
    { single: 1, contention: 0, coherency: 0 },
  ])('is found again in its own curve: %o', (law) => {
    const found = fitScalability(sweepOf(law))
    expect(found.single).toBeCloseTo(law.single, 6)
    expect(found.contention).toBeCloseTo(law.contention, 6)
    expect(found.coherency).toBeCloseTo(law.coherency, 8)
  })

  it('is found through errors of measurement', () => {
    const random = seededRandom(4)
    const law = { single: 2, contention: 0.04, coherency: 0.0005 }
    const sizes = Array.from({ length: 100 }, (_, at) => at + 1)
    const found = fitScalability(
      sweepOf(law, sizes).map(({ customers, throughput }) => ({
        customers,
        throughput: throughput * (1 + 0.06 * (random.next() - 0.5)),
      })),
    )
    expect(Math.abs(found.contention / law.contention - 1)).toBeLessThan(0.1)
    expect(Math.abs(found.coherency / law.coherency - 1)).toBeLessThan(0.1)
  })

  it('peaks where it says', () => {
    const law = { single: 1, contention: 0.02, coherency: 0.0002 }
    expect(peak(law)).toBeCloseTo(70, 9)
    const at = (customers: number) => scalableThroughput(law, customers)
    expect(at(70)).toBeGreaterThan(at(69))
    expect(at(70)).toBeGreaterThan(at(71))
    expect(peak({ single: 1, contention: 0.5, coherency: 0 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('has, of a queue in which all always wait for each other, 1 / N* for its contention', () => {
    const star = { demand: 1, think: 24 }
    const sweep = SIZES.map((customers) => ({ customers, throughput: customers / (customers * 1 + 24) }))
    const { contention, coherency } = fitScalability(sweep)
    expect(contention).toBeCloseTo(1 / saturation(star), 9)
    expect(coherency).toBeCloseTo(0, 9)
  })

  it('never takes contention or coherency below 0, not even for more than linear growth', () => {
    const steep = [1, 2, 4, 8].map((customers) => ({ customers, throughput: customers ** 1.2 }))
    const found = fitScalability(steep)
    expect(found.contention).toBeGreaterThanOrEqual(0)
    expect(found.coherency).toBeGreaterThanOrEqual(0)
    const queue = SIZES.map((customers) => ({
      customers,
      throughput: closedQueue({ customers, demand: 1, think: 9 }).throughput,
    }))
    expect(fitScalability(queue).contention).toBeGreaterThan(0)
  })

  it('asks for three sizes', () => {
    expect(() => fitScalability(sweepOf({ single: 1, contention: 0, coherency: 0 }, [1, 2]))).toThrow(
      '[1, 2]',
    )
  })
})
