import { describe, expect, it } from 'vitest'
import { NO_FIGURES, withSimulation } from '../../src/simulation/figures.ts'
import type { Simulation } from '../../src/simulation/world.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

/** A commit that has these to send, by id and type. */
const commit = (sends: Readonly<Record<string, string>>) =>
  ({
    outbox: Object.entries(sends).map(([id, type]) => ({ message: { id, type } })),
  }) as unknown as ConversationRecord

const world = (journal: readonly ConversationRecord[], detectionMs?: number) =>
  ({
    ...{ faults: [], steps: 1, virtualMs: 1, processes: 1, takeovers: 0 },
    journal,
    detectionMs,
  }) as unknown as Simulation

const over = (...worlds: readonly Simulation[]) =>
  worlds.reduce((figures, run) => withSimulation(figures, run, 1, 'completed'), NO_FIGURES)

describe('the figures of many simulations', () => {
  it('count each message once, and apart what only says who is idle', () => {
    const first = commit({ 'a>b#1': 'x.go', 'a>c#1': 'x.go', 'a>o#1': 'run.idle' })
    const again = commit({ 'a>b#1': 'x.go', 'a>c#1': 'x.go', 'a>o#1': 'run.idle' })
    const figures = over(world([first, again]), world([commit({ 'a>b#1': 'x.go', 'a>d#1': 'failure' })]))
    expect(figures).toMatchObject({ messages: 4, controls: 1, controlsPerMessage: 0.25 })
  })

  it('say how long the end took to be known, on average and at most, where it was', () => {
    expect(over(world([], 100), world([]), world([], 400)).detection).toEqual({
      runs: 2,
      meanMs: 250,
      mostMs: 400,
    })
  })

  it('divide nothing by nothing', () => {
    expect(over(world([]))).toMatchObject({ controlsPerMessage: 0, detection: { runs: 0, meanMs: 0 } })
  })
})
