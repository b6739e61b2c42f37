import { describe, expect, it } from 'vitest'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { type SimulationOptions, simulate } from '../../src/simulation/world.ts'
import { errands, flock, registry } from './errands.ts'

const job = (seed: number, more: Partial<SimulationOptions> = {}): SimulationOptions => ({
  seed,
  registry,
  peers: flock(),
  start: {
    role: 'dispatcher',
    message: errands.messages.plan,
    body: { errands: ['milk', 'bread', 'salt', 'tea'] },
    answers: [errands.messages.report],
  },
  ...more,
})

const badNetwork =
  (draw: () => number): Faults =>
  () => ({
    delayMs: draw() < 0.3 ? Math.floor(draw() * 3_000) : 0,
    duplicate: draw() < 0.2,
    reorder: draw() < 0.2,
    unanswered: draw() < 0.05,
    forgotten: draw() < 0.2,
    drop: draw() < 0.2,
  })

const everything = {
  kind: 'answer',
  type: 'errands.report',
  body: { done: ['bread!', 'milk!', 'salt!', 'tea!'], failed: 0 },
}

describe('the simulator', () => {
  it('does a job on a network that works', async () => {
    const result = await simulate(job(1))
    expect(result.output).toEqual(everything)
  })

  it('gives the same run for the same seed', async () => {
    const options = { faults: badNetwork, crashes: 0.02, calmAfterMs: 30_000 }
    const [once, again] = [await simulate(job(7, options)), await simulate(job(7, options))]
    expect(again.hash).toBe(once.hash)
    expect(again.steps).toBe(once.steps)
  })

  it('keeps T1, T2, T3 and ends, whatever is delayed, duplicated, reordered, unanswered or crashed', async () => {
    let crashes = 0
    for (let seed = 1; seed <= Number(process.env.SEEDS ?? 40); seed++) {
      const result = await simulate(
        job(seed, { faults: badNetwork, crashes: 0.02, calmAfterMs: 30_000 }),
      ).catch((error) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
      })
      crashes += result.crashes
      expect(result.output, `seed ${seed}`).toEqual(everything)
    }
    expect(crashes).toBeGreaterThan(10)
  })
})
