import { describe, expect, it } from 'vitest'
import { openQueue } from '../../../lab/theory/open-queue.ts'
import { seededRandom } from '../../../src/time/random.ts'

describe('the open queue', () => {
  it('is that of M/M/1 for exponential service', () => {
    // ρ = 0.8: L = ρ / (1 - ρ) = 4, W = L / λ.
    const { utilisation, present, response, wait, waiting } = openQueue({
      rate: 0.4,
      service: 2,
      variation: 1,
    })
    expect(utilisation).toBeCloseTo(0.8, 12)
    expect(present).toBeCloseTo(4, 12)
    expect(response).toBeCloseTo(10, 12)
    expect(wait).toBeCloseTo(8, 12)
    expect(waiting).toBeCloseTo(3.2, 12)
  })

  it('waits half as long for constant service, and 2.5 times as long for C² = 4', () => {
    const waitOf = (variation: number) => openQueue({ rate: 0.7, service: 1, variation }).wait
    expect(waitOf(0)).toBeCloseTo(waitOf(1) / 2, 12)
    expect(waitOf(4)).toBeCloseTo(waitOf(1) * 2.5, 12)
  })

  it.each([0, 1, 4])('waits as long as a simulation with C² = %d', (variation) => {
    const random = seededRandom(11)
    const exponential = (mean: number) => -mean * Math.log(1 - random.next())
    const share = (1 + Math.sqrt(3 / 5)) / 2
    const service = () => {
      if (variation === 0) return 1
      if (variation === 1) return exponential(1)
      return random.next() < share ? exponential(1 / (2 * share)) : exponential(1 / (2 * (1 - share)))
    }
    // Lindley's recursion: who comes waits for what is left of the wait and the service before.
    let [wait, sum] = [0, 0]
    const tasks = 400_000
    for (let task = 0; task < tasks; task++) {
      sum += wait
      wait = Math.max(0, wait + service() - exponential(1 / 0.5))
    }
    const predicted = openQueue({ rate: 0.5, service: 1, variation }).wait
    expect(Math.abs(sum / tasks / predicted - 1)).toBeLessThan(0.05)
  })

  it('grows without end when more comes than is served', () => {
    expect(openQueue({ rate: 1, service: 1, variation: 0 }).wait).toBe(Number.POSITIVE_INFINITY)
    expect(openQueue({ rate: 2, service: 1, variation: 0 }).present).toBe(Number.POSITIVE_INFINITY)
  })
})
