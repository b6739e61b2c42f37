import { describe, expect, it } from 'vitest'
import { pipelineMakespan, pipelineThroughput, type Stage } from '../../../lab/theory/pipeline.ts'
import { seededRandom } from '../../../src/time/random.ts'

const stages: Stage[] = [
  { service: 2, servers: 1 },
  { service: 9, servers: 3 },
  { service: 4, servers: 2 },
]

describe('a pipeline', () => {
  it('flows as fast as its slowest stage', () => {
    expect(pipelineThroughput(stages)).toBeCloseTo(1 / 3, 12)
    expect(pipelineThroughput([])).toBe(Number.POSITIVE_INFINITY)
  })

  it('takes, with one server a stage, once through and the longest stage for each further item', () => {
    const single = [3, 7, 2].map((service) => ({ service, servers: 1 }))
    expect(pipelineMakespan(1, single)).toBe(12)
    expect(pipelineMakespan(10, single)).toBe(12 + 9 * 7)
    expect(pipelineMakespan(0, single)).toBe(0)
    expect(pipelineMakespan(3, [])).toBe(0)
  })

  it('begins three items at once where three serve', () => {
    expect(pipelineMakespan(6, [{ service: 9, servers: 3 }])).toBe(18)
    expect(pipelineMakespan(7, [{ service: 9, servers: 3 }])).toBe(27)
  })

  it('takes as long as a simulation, second by second', () => {
    const random = seededRandom(5)
    for (let round = 0; round < 60; round++) {
      const drawn = Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => ({
        service: 1 + Math.floor(random.next() * 6),
        servers: 1 + Math.floor(random.next() * 3),
      }))
      const items = 1 + Math.floor(random.next() * 12)
      expect(pipelineMakespan(items, drawn), JSON.stringify({ items, drawn })).toBe(simulate(items, drawn))
    }
  })

  it('tends to the bottleneck law for many items', () => {
    const items = 3_000
    const rate = items / pipelineMakespan(items, stages)
    expect(rate).toBeLessThan(pipelineThroughput(stages))
    expect(rate / pipelineThroughput(stages)).toBeGreaterThan(0.99)
  })
})

/** One second after the other: what is done moves on, and free servers take from their queue. */
function simulate(items: number, line: readonly Stage[]): number {
  const queues = line.map((_, at) => (at === 0 ? items : 0))
  const busy: number[][] = line.map(() => [])
  let out = 0
  for (let second = 0; ; second++) {
    for (const [at, { service, servers }] of line.entries()) {
      const before = busy[at]!.length
      busy[at] = busy[at]!.filter((end) => end > second)
      if (at + 1 < line.length) queues[at + 1]! += before - busy[at]!.length
      else out += before - busy[at]!.length
      while (busy[at]!.length < servers && queues[at]! > 0) {
        queues[at]!--
        busy[at]!.push(second + service)
      }
    }
    if (out === items) return second
  }
}
