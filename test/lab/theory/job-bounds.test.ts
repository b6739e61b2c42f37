import { describe, expect, it } from 'vitest'
import { criticalPath, jobBounds, type Work } from '../../../lab/theory/job-bounds.ts'
import { seededRandom } from '../../../src/time/random.ts'

const diamond: Work[] = [
  { name: 'join', seconds: 1, needs: ['left', 'right'] },
  { name: 'left', seconds: 5, needs: ['fork'] },
  { name: 'right', seconds: 3, needs: ['fork'] },
  { name: 'fork', seconds: 2, needs: [] },
]

describe('the bounds of a job', () => {
  it('are the longest chain, and the work shared out', () => {
    expect(jobBounds(diamond, 1)).toEqual({ criticalPath: 8, work: 11, low: 11, high: 11, factor: 1 })
    expect(jobBounds(diamond, 2)).toEqual({ criticalPath: 8, work: 11, low: 8, high: 9.5, factor: 1.5 })
  })

  it('hold for every schedule that leaves no worker idle while a task is ready', () => {
    const random = seededRandom(8)
    for (let round = 0; round < 200; round++) {
      const tasks = Array.from({ length: 1 + Math.floor(random.next() * 25) }, (_, at) => ({
        name: `t${at}`,
        seconds: 1 + Math.floor(random.next() * 9),
        needs: Array.from({ length: at }, (_, before) => `t${before}`).filter(() => random.next() < 0.15),
      }))
      const workers = 1 + Math.floor(random.next() * 5)
      const { low, high, factor } = jobBounds(tasks, workers)
      const makespan = listSchedule(tasks, workers)
      expect(makespan).toBeGreaterThanOrEqual(low - 1e-9)
      expect(makespan).toBeLessThanOrEqual(high + 1e-9)
      expect(high).toBeLessThanOrEqual(factor * low + 1e-9)
    }
  })

  it("are as tight as Graham's example", () => {
    // Many short tasks taken first, then one long: the worst order.
    const workers = 4
    const tasks = [
      ...Array.from({ length: workers * (workers - 1) }, (_, at) => ({
        name: `s${at}`,
        seconds: 1,
        needs: [],
      })),
      { name: 'long', seconds: workers, needs: [] },
    ]
    expect(listSchedule(tasks, workers)).toBe(jobBounds(tasks, workers).high)
  })

  it('take a chain of many thousand tasks', () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => ({
      name: `t${at}`,
      seconds: 1,
      needs: at === 0 ? [] : [`t${at - 1}`],
    }))
    expect(criticalPath(chain)).toBe(20_000)
    expect(criticalPath([])).toBe(0)
  })

  it('refuse a circle, and a need that is not there', () => {
    const circle = [
      { name: 'a', seconds: 1, needs: ['b'] },
      { name: 'b', seconds: 1, needs: ['a'] },
    ]
    expect(() => criticalPath(circle)).toThrow("circle, among them 'a', 'b'")
    expect(() => criticalPath([{ name: 'a', seconds: 1, needs: ['z'] }])).toThrow("'a' needs 'z'")
  })
})

function listSchedule(tasks: readonly Work[], workers: number): number {
  const done = new Map<string, number>()
  let running: { name: string; end: number }[] = []
  let waiting = [...tasks]
  let now = 0
  while (waiting.length > 0 || running.length > 0) {
    for (const task of waiting) {
      if (running.length === workers) break
      if (!task.needs.every((need) => done.has(need))) continue
      running.push({ name: task.name, end: now + task.seconds })
      waiting = waiting.filter((other) => other !== task)
    }
    now = Math.min(...running.map(({ end }) => end))
    for (const { name, end } of running) if (end === now) done.set(name, end)
    running = running.filter(({ end }) => end > now)
  }
  return now
}
