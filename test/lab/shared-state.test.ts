import { describe, expect, it } from 'vitest'
import { type AnyCell, cellsOf, isRealCell } from '../../lab/experiment.ts'
import { predictionsOf } from '../../lab/predictions.ts'
import { watchCell as watch } from '../../lab/run-cell.ts'
import { experimentOf, onlyCell } from './experiments.ts'

const graph = (tasks: number) => `{ shape: independent, tasks: ${tasks} }`
const CHANCE = '  service: { mean: 3s, c2: 1 }'
const shared = (keys: number) => `  shared: { keys: ${keys} }`

async function watchCell(cell: AnyCell, seed: number) {
  if (isRealCell(cell)) throw new Error('no real job has shared entries')
  return watch(cell, seed)
}
const seen = async (cell: AnyCell, seed: number) => (await watchCell(cell, seed)).sample.metrics

describe('agents that share entries', () => {
  it('are what can be computed by hand, where both think for as long', async () => {
    const read = experimentOf(
      graph(4),
      '  service: 2s',
      shared(1),
      '  tokens: { prompt: 100, answer: 40 }',
      'topologies: [mesh]',
    )
    // Of the two one is faster, and the other thinks again: 3 changes after one conflict each, the last without.
    expect(await seen(onlyCell(read), 1)).toMatchObject({
      makespan: 4 * 2,
      boardConflicts: 3 / 4,
      boardWaste: (3 * 2) / 4,
      overhead: 3 / 4,
      messages: 2,
      success: 1,
    })
  })

  it('pay again for what they think again, and for what they had said before', async () => {
    const read = experimentOf(
      graph(2),
      '  service: 2s',
      shared(1),
      '  tokens: { prompt: 100, answer: 40 }',
      'topologies: [mesh]',
    )
    const { tokens, fullness } = await seen(onlyCell(read), 1)
    expect(tokens).toBe((3 * 140 + 40) / 2)
    expect(fullness).toBe(140 / 128_000)
  })

  it('lose no change of their entries, and make none twice, though a process dies', async () => {
    const read = experimentOf(
      graph(12),
      CHANCE,
      shared(2),
      'topologies: [mesh, star, solo]',
      'sizes: [3]',
      'faults: [leaf]',
    )
    for (const cell of cellsOf(read)) {
      const { sample, entries } = await watchCell(cell, 3)
      expect(sample.outcome, cell.id).toBe('completed')
      expect(sample.metrics.success, cell.id).toBe(1)
      const changes = entries.map(({ value }) => value!.changes)
      expect(changes, cell.id).toHaveLength(2)
      expect(changes[0]! + changes[1]!, cell.id).toBe(12)
      if (cell.topology !== 'solo') expect(sample.metrics.boardConflicts, cell.id).toBeGreaterThan(0)
    }
  })

  it('never meet where there is one', async () => {
    const read = experimentOf(graph(6), CHANCE, shared(1), 'sizes: [1]')
    for (const cell of cellsOf(read))
      expect(await seen(cell, 2), cell.id).toMatchObject({
        boardConflicts: 0,
        boardWaste: 0,
        overhead: cell.topology === 'star' ? 1 : 0,
      })
  })

  it('meet the less, the more entries there are', async () => {
    const conflicts = await Promise.all(
      [1, 4, 64].map(async (keys) => {
        const read = experimentOf(graph(24), CHANCE, shared(keys), 'topologies: [mesh]', 'sizes: [5]')
        return (await seen(onlyCell(read), 1)).boardConflicts!
      }),
    )
    expect(conflicts).toEqual(conflicts.toSorted((a, b) => b - a))
    expect(conflicts[0]).toBeGreaterThan(2 * conflicts[2]!)
  })

  it('give the same sample for the same seed', async () => {
    const cell = onlyCell(experimentOf(graph(12), CHANCE, shared(2), 'topologies: [mesh]', 'sizes: [4]'))
    const sample = await seen(cell, 7)
    expect(await seen(cell, 7)).toEqual(sample)
    expect(await seen(cell, 8)).not.toEqual(sample)
  })

  it('change an entry again for work that is sent back, also where one does all', async () => {
    const review = '  review: { service: 1s, found: 1, rounds: 1 }'
    const read = experimentOf(graph(5), '  errors: 1', shared(1), review)
    for (const cell of cellsOf(read)) {
      const { sample, entries } = await watchCell(cell, 1)
      expect(sample.outcome, cell.id).toBe('completed')
      expect(entries[0]!.value, cell.id).toEqual({ changes: 10 })
    }
  })
})

describe('theory beside shared entries', () => {
  const foretold = (...change: readonly string[]) => {
    const keys = change.some((line) => line.includes('shared')) ? [] : [shared(1)]
    const cell = onlyCell(experimentOf(graph(40), '  hub: 1s', ...keys, ...change))
    if (isRealCell(cell)) throw new Error('no real job has shared entries')
    const estimate = { mean: 1, low: 1, high: 1, count: 1 }
    return Object.keys(
      predictionsOf(cell, {
        ...{ boardConflicts: estimate, steadyThroughput: estimate, hubQueue: estimate, makespan: estimate },
      }),
    )
  }

  it('speaks of peers that think for a time that is exponential, or fixed where the entry is one', () => {
    const all = ['boardConflicts', 'makespan', 'steadyThroughput']
    expect(foretold(CHANCE, 'topologies: [mesh]').toSorted()).toEqual(all)
    expect(foretold(CHANCE, shared(4), 'topologies: [mesh]')).toEqual([all[0], all[2]])
    expect(foretold('topologies: [mesh]')).toEqual([all[0], all[1]])
    expect(foretold(shared(4), 'topologies: [mesh]')).toEqual([])
    expect(foretold('  service: { mean: 3s, c2: 4 }', 'topologies: [mesh]')).toEqual([])
  })

  it('does not take workers that think again for those of a closed queue', () => {
    expect(foretold(CHANCE, 'topologies: [star]')).toEqual([])
  })
})

describe('agents that share nothing', () => {
  it('have no board', async () => {
    const { sample, entries } = await watchCell(onlyCell(experimentOf(graph(3))), 1)
    expect(entries).toEqual([])
    expect(sample.metrics).not.toHaveProperty('boardConflicts')
    expect(sample.metrics).not.toHaveProperty('boardWaste')
  })
})
