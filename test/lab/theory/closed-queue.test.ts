import { describe, expect, it } from 'vitest'
import {
  closedQueue,
  deterministicThroughput,
  generalClosedQueue,
  saturation,
} from '../../../lab/theory/closed-queue.ts'
import { seededRandom } from '../../../src/time/random.ts'

/**
 * The birth-death chain of the tasks at the hub, by its balance equations: p(j) up(j) = p(j + 1) down(j + 1), where
 * up(j) = (N - j) / Z and down(j) = min(j, c) / D.
 */
function chain(customers: number, demand: number, think: number, servers: number) {
  const weights = [1]
  for (let j = 0; j < customers; j++) {
    weights.push((weights[j]! * ((customers - j) / think)) / (Math.min(j + 1, servers) / demand))
  }
  const total = weights.reduce((a, b) => a + b)
  const mean = (of: (j: number) => number) =>
    weights.reduce((sum, weight, j) => sum + (weight / total) * of(j), 0)
  const throughput = mean((j) => Math.min(j, servers)) / demand
  const queue = mean((j) => j)
  return {
    throughput,
    queue,
    response: queue / throughput,
    utilisation: mean((j) => Math.min(j, servers)) / servers,
  }
}

describe('the closed queue of the star', () => {
  it.each([
    [1, 0.5, 4],
    [2, 1, 1],
    [7, 0.25, 3],
    [20, 1, 9],
    [40, 2, 30],
  ])(
    'of %i customers, D = %d s, Z = %d s has the means of its birth-death chain',
    (customers, demand, think) => {
      const exact = chain(customers, demand, think, 1)
      const found = closedQueue({ customers, demand, think })
      for (const [name, value] of Object.entries(exact)) {
        expect(found[name as keyof typeof found], name).toBeCloseTo(value, 9)
      }
    },
  )

  it.each([
    [3, 1, 2, 2],
    [12, 1, 3, 4],
    [5, 2, 1, 8],
  ])(
    'of %i customers, D = %d s, Z = %d s and %i servers has them too',
    (customers, demand, think, servers) => {
      const exact = chain(customers, demand, think, servers)
      const found = closedQueue({ customers, demand, think, servers })
      for (const [name, value] of Object.entries(exact)) {
        expect(found[name as keyof typeof found], name).toBeCloseTo(value, 9)
      }
    },
  )

  it('is of two customers what a sheet of paper says', () => {
    // D = Z = 1: p = 1/5, 2/5, 2/5 of 0, 1, 2 at the hub.
    expect(closedQueue({ customers: 2, demand: 1, think: 1 })).toEqual({
      throughput: expect.closeTo(4 / 5, 12),
      response: expect.closeTo(3 / 2, 12),
      utilisation: expect.closeTo(4 / 5, 12),
      queue: expect.closeTo(6 / 5, 12),
    })
  })

  it('stays within the range of numbers for a thousand customers', () => {
    // Beyond saturation all who do not think, at most Z c / D, are at the hub.
    const many = { customers: 1000, demand: 0.01, think: 3 }
    expect(closedQueue(many).queue).toBeCloseTo(1000 - 300, 6)
    expect(closedQueue({ ...many, servers: 2 }).queue).toBeCloseTo(1000 - 600, 6)
    expect(closedQueue({ ...many, servers: 2 }).throughput).toBeCloseTo(200, 6)
  })

  it('says the same of one server by either way', () => {
    const star = { customers: 30, demand: 1, think: 20 }
    const nearlyOne = closedQueue({ ...star, servers: 1.000_000_001 })
    expect(nearlyOne.throughput).toBeCloseTo(closedQueue(star).throughput, 6)
  })

  it('keeps all customers at the hub where they do not think', () => {
    expect(closedQueue({ customers: 6, demand: 2, think: 0 })).toEqual({
      throughput: 0.5,
      response: 12,
      utilisation: 1,
      queue: 6,
    })
    expect(closedQueue({ customers: 6, demand: 2, think: 0, servers: 4 })).toEqual({
      throughput: 2,
      response: 3,
      utilisation: 1,
      queue: 6,
    })
  })

  it('is idle without customers', () => {
    for (const servers of [1, 3]) {
      expect(closedQueue({ customers: 0, demand: 2, think: 1, servers })).toEqual({
        throughput: 0,
        response: 2,
        utilisation: 0,
        queue: 0,
      })
    }
  })

  it('lies within its asymptotic bounds, which cross at N*', () => {
    for (const servers of [1, 3]) {
      const star = { demand: 0.7, think: 11, servers }
      for (let customers = 1; customers <= 60; customers++) {
        // Below, every task waits for all others; above, none does until the hub is busy. Lazowska et al., section 5.2.
        const low = customers / (customers * star.demand + star.think)
        const high = deterministicThroughput({ customers, ...star })
        const response = Math.max(star.demand, (customers * star.demand) / servers - star.think)
        const found = closedQueue({ customers, ...star })
        expect(found.throughput).toBeGreaterThanOrEqual(low * (1 - 1e-12))
        expect(found.throughput).toBeLessThanOrEqual(high * (1 + 1e-12))
        expect(found.response).toBeGreaterThanOrEqual(response * (1 - 1e-12))
      }
      const crossing = saturation(star)
      expect(crossing / (0.7 + 11)).toBeCloseTo(servers / 0.7, 12)
    }
    expect(saturation({ demand: 1, think: 9 })).toBe(10)
  })

  it('reaches the upper bound where nothing is random', () => {
    for (const customers of [1, 4, 5, 6, 12]) {
      const simulated = simulate(
        customers,
        4_000,
        () => 1,
        () => 4,
      )
      const bound = deterministicThroughput({ customers, demand: 1, think: 4 })
      expect(Math.abs(simulated / bound - 1), `${customers}`).toBeLessThan(0.01)
    }
  })
})

describe('the closed queue of any service', () => {
  it('is the exact one for exponential service', () => {
    const star = { customers: 14, demand: 1, think: 9 }
    expect(generalClosedQueue({ ...star, variation: 1 })).toEqual(closedQueue(star))
  })

  it.each([
    [0, 0.04],
    [4, 0.1],
  ])('is near a simulation for C² = %d', (variation, within) => {
    const random = seededRandom(6)
    const exponential = (mean: number) => -mean * Math.log(1 - random.next())
    // Two exponential phases of balanced means have C² = 4 with this share of the short one.
    const share = (1 + Math.sqrt(3 / 5)) / 2
    const service = () => {
      if (variation === 0) return 1
      return random.next() < share ? exponential(1 / (2 * share)) : exponential(1 / (2 * (1 - share)))
    }
    for (const customers of [3, 10, 25]) {
      const simulated = simulate(customers, 60_000, service, () => exponential(9))
      const { throughput } = generalClosedQueue({ customers, demand: 1, think: 9, variation })
      expect(Math.abs(simulated / throughput - 1), `${customers} customers`).toBeLessThan(within)
    }
  })

  it('never promises more than the hub can do', () => {
    for (let customers = 1; customers < 40; customers++) {
      const found = generalClosedQueue({ customers, demand: 1, think: 9, variation: 0 })
      expect(found.utilisation).toBeLessThanOrEqual(1)
      expect(found.throughput).toBeGreaterThanOrEqual(
        closedQueue({ customers, demand: 1, think: 9 }).throughput,
      )
    }
  })
})

/** Throughput over so many tasks of customers that go round a hub that serves in order of arrival. */
function simulate(customers: number, tasks: number, service: () => number, think: () => number): number {
  const arrivals = Array.from({ length: customers }, () => think())
  let free = 0
  for (let task = 0; task < tasks; task++) {
    let next = 0
    for (let at = 1; at < customers; at++) if (arrivals[at]! < arrivals[next]!) next = at
    free = Math.max(free, arrivals[next]!) + service()
    arrivals[next] = free + think()
  }
  return tasks / free
}
