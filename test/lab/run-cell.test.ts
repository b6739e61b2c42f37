import { describe, expect, it } from 'vitest'
import { createDraws } from '../../lab/draws.ts'
import { cellsOf } from '../../lab/experiment.ts'
import { readExperiment } from '../../lab/experiment-file.ts'
import { runCell } from '../../lab/run-cell.ts'
import { PLACEMENTS } from '../../src/topology/topology.ts'
import { experimentOf, onlyCell } from './experiments.ts'

const INDEPENDENT = '{ shape: independent, tasks: 12 }'
const CHAIN = '{ shape: chain, tasks: 5 }'

describe('a run of a cell', () => {
  it('gives the same sample for the same seed, and another one for another', async () => {
    const cell = onlyCell(
      experimentOf(
        '{ shape: layers, depth: 2, width: 3, fanIn: 2 }',
        '  service: { mean: 3s, c2: 4 }',
        '  errors: 0.3',
        '  review: { service: 1s, found: 0.8, rounds: 2 }',
        'faults: [leaf]',
      ),
    )
    const sample = await runCell(cell, 7)
    expect(await runCell(cell, 7)).toEqual(sample)
    expect((await runCell(cell, 8)).metrics).not.toEqual(sample.metrics)
  })

  it('takes one worker as long as all of its work', async () => {
    const read = experimentOf(
      INDEPENDENT,
      '  service: { mean: 3s, c2: 1 }',
      'topologies: [mesh, solo]',
      'sizes: [1]',
    )
    const draws = createDraws(5)
    const sum = Array.from({ length: 12 }, (_, index) =>
      Math.round(draws.of(`service t-${index} 0`, { mean: 3_000, c2: 1 })),
    ).reduce((total, ms) => total + ms, 0)
    for (const cell of cellsOf(read)) {
      const { outcome, metrics } = await runCell(cell, 5)
      expect(outcome).toBe('completed')
      expect(metrics.makespan, cell.id).toBeCloseTo(sum / 1_000, 6)
      expect(metrics.utilisation, cell.id).toBeCloseTo(1, 6)
    }
  })

  it('is what can be computed by hand, for a mesh', async () => {
    const cell = onlyCell(experimentOf(CHAIN, '  tokens: { prompt: 100, answer: 40 }', 'topologies: [mesh]'))
    const { metrics } = await runCell(cell, 1)
    expect(metrics).toMatchObject({
      makespan: 10,
      stretch: 1,
      throughput: 0.5,
      // Five requests, and their results.
      messages: 10 / 5,
      hops: 1,
      // Five prompts and answers, and four results that somebody read.
      tokens: (5 * 140 + 4 * 40) / 5,
      fullness: 140 / 128_000,
      overhead: 0,
      density: 10 / 5,
      efficiency: 1,
      success: 1,
      // Requests that are read before what they need is there send their stake home.
      control: 4 / 5,
      detection: 0,
    })
  })

  it('is what can be computed by hand, for a star', async () => {
    const cell = onlyCell(
      experimentOf(
        CHAIN,
        '  hub: 1s',
        '  tokens: { prompt: 100, answer: 40 }',
        'topologies: [star]',
        'sizes: [1]',
      ),
    )
    const { metrics } = await runCell(cell, 1)
    expect(metrics).toMatchObject({
      makespan: 5 * 3,
      messages: 10 / 5,
      overhead: 1,
      efficiency: 0.5,
      wait: 0,
      queue: 0,
      utilisation: 10 / 15,
      success: 1,
    })
  })

  it('waits for a worker as long as the work before takes', async () => {
    const cell = onlyCell(
      experimentOf('{ shape: independent, tasks: 4 }', 'topologies: [mesh]', 'sizes: [1]'),
    )
    const { metrics } = await runCell(cell, 1)
    expect(metrics.wait).toBe((0 + 2 + 4 + 6) / 4)
    // Four tasks that wait 12 s in all, over 8 s.
    expect(metrics.queue).toBe(12 / 8)
  })

  it('saturates the hub of a star', async () => {
    const read = experimentOf(
      '{ shape: independent, tasks: 40 }',
      '  service: 3s',
      '  hub: 1s',
      'topologies: [star]',
      'sizes: [2, 8]',
    )
    const [below, above] = await Promise.all(cellsOf(read).map((cell) => runCell(cell, 1)))
    // N* = (3 + 1) / 1 = 4: two workers are the limit below, the hub is above.
    expect(below!.metrics.steadyThroughput).toBeCloseTo(0.5, 1)
    expect(above!.metrics.steadyThroughput).toBeCloseTo(1, 2)
    expect(above!.metrics.hubQueue).toBeCloseTo(4, 2)
  })

  it('measures the hub where all are at work', async () => {
    const read = experimentOf(
      '{ shape: independent, tasks: 30 }',
      '  service: 1s',
      '  hub: 1s',
      'topologies: [star]',
      'placements: [anybody, hub, blackboard]',
      'sizes: [3]',
    )
    for (const cell of cellsOf(read)) {
      // One is worked on, one is read, and the third waits.
      const { metrics } = await runCell(cell, 1)
      expect(metrics, cell.id).toMatchObject({ steadyThroughput: 1, hubUtilisation: 1, hubQueue: 1 })
    }
  })

  it('counts who comes second to work on a blackboard', async () => {
    const read = experimentOf(
      INDEPENDENT,
      'topologies: [mesh]',
      'placements: [anybody, blackboard]',
      'sizes: [4]',
    )
    const [anybody, board] = await Promise.all(cellsOf(read).map((cell) => runCell(cell, 1)))
    expect(anybody!.metrics.conflicts).toBeUndefined()
    expect(board!.metrics.conflicts).toBeGreaterThan(0)
  })

  it('draws the same for a task in every topology', async () => {
    const read = experimentOf(INDEPENDENT, '  errors: 0.4')
    const successes = await Promise.all(
      cellsOf(read).map(async (cell) => (await runCell(cell, 3)).metrics.success),
    )
    expect(new Set(successes).size).toBe(1)
    expect(successes[0]).toBeLessThan(1)
  })

  it('mends by review what would be wrong, and takes more turns for it', async () => {
    const review = '  review: { service: 1s, found: 1, rounds: 5 }'
    for (const topology of ['mesh', 'star', 'solo']) {
      const [plain, reviewed] = await Promise.all(
        [[], [review]].map((more) =>
          runCell(
            onlyCell(experimentOf(INDEPENDENT, '  errors: 0.4', ...more, `topologies: [${topology}]`)),
            3,
          ),
        ),
      )
      expect(plain!.metrics.success, topology).toBeLessThan(1)
      expect(reviewed!.metrics.success, topology).toBe(1)
      expect(reviewed!.metrics.overhead, topology).toBeGreaterThan(plain!.metrics.overhead! + 1)
    }
  })

  it('comes to its end though a process dies, and tells what that cost', async () => {
    const read = experimentOf(INDEPENDENT, '  service: 5s', 'faults: [hub, leaf]', 'topologies: [star, mesh]')
    for (const cell of cellsOf(read)) {
      const { outcome, metrics } = await runCell(cell, 1)
      expect(outcome, cell.id).toBe('completed')
      expect(metrics.success, cell.id).toBe(1)
      expect(metrics.recovery, cell.id).toBeGreaterThanOrEqual(0)
    }
    const leaf = cellsOf(read).find(({ topology, faults }) => topology === 'mesh' && faults === 'leaf')!
    // Two workers, in the middle of a task of 5 s: its call is made again.
    const { metrics } = await runCell(leaf, 1)
    expect(metrics.wastedTime).toBeGreaterThan(0)
    expect(metrics.wastedTokens).toBe(1_000)
  })

  it('lets tasks arrive one by one', async () => {
    const cell = onlyCell(
      experimentOf(
        '{ shape: independent, tasks: 40 }',
        '  service: 1s',
        '  arrivals: { kind: poisson, perSecond: 0.1 }',
        'topologies: [mesh]',
        'sizes: [1]',
      ),
    )
    const { metrics } = await runCell(cell, 2)
    expect(metrics.makespan).toBeGreaterThan(200)
    expect(metrics.utilisation).toBeLessThan(0.3)
  })

  it.each(PLACEMENTS)('does its job in every topology with placement %s', async (placement) => {
    const read = experimentOf(
      '{ shape: fork-join, width: 3 }',
      `placements: [${placement}]`,
      'topologies: [mesh, star, pipeline, ring, tree, small-world, random]',
      'sizes: [3]',
    )
    for (const cell of cellsOf(read)) {
      const { outcome, metrics } = await runCell(cell, 1)
      expect(outcome, cell.id).toBe('completed')
      expect(metrics.success, cell.id).toBe(1)
    }
  })

  it('sends messages round a ring', async () => {
    const read = experimentOf(
      '{ shape: independent, tasks: 30 }',
      'placements: [hash]',
      'topologies: [ring]',
      'sizes: [8]',
    )
    const { metrics } = await runCell(onlyCell(read), 1)
    // Nine peers, of which the nearest are one hop away, and the furthest four.
    expect(metrics.hops).toBeGreaterThan(2)
    expect(metrics.hops).toBeLessThan(3)
  })

  it('takes a topology from a file', async () => {
    const source = [
      'name: own',
      'job: { graph: { shape: chain, tasks: 3 }, service: 1s }',
      'sizes: [2]',
    ].join('\n')
    const open = () => 'edges: [[starter, worker-1], [worker-1, worker-2]]'
    const read = readExperiment(`${source}\ntopologies: [own.yaml]`, 'lab.yaml', open)
    const { outcome, metrics } = await runCell(onlyCell(read), 1)
    expect(outcome).toBe('completed')
    expect(metrics.hops).toBeGreaterThan(1)
    const bad = () => 'edges: [[starter, plumber]]'
    expect(() => readExperiment(`${source}\ntopologies: [own.yaml]`, 'lab.yaml', bad)).toThrow('own.yaml:1:')
  })

  it('stops in the middle when it is told to', async () => {
    const stop = new AbortController()
    const running = runCell(onlyCell(experimentOf(INDEPENDENT)), 1, stop.signal)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
  })
})
