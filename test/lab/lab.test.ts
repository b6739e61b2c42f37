import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hand, ownHand, threadHand } from '../../lab/hands.ts'
import { type LabOutcome, runLab } from '../../lab/lab.ts'
import type { Sample } from '../../lab/results.ts'
import { experimentOf } from './experiments.ts'

const read = experimentOf(
  '{ shape: independent, tasks: 6 }',
  '  service: { mean: 2s, c2: 1 }',
  '  hub: 500ms',
  'seeds: 3',
)
/** Three topologies, three seeds. */
const RUNS = 9

describe('a lab', () => {
  let folder: string
  /** Left of the runs, as each is over. */
  const left: number[] = []
  let whole: LabOutcome
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-lab-'))
    whole = await runLab({ read, onSample: (_, progress) => left.push(progress.left) })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('estimates every metric of every cell, and says that there are few seeds', () => {
    const { results, samples } = whole
    expect(samples).toHaveLength(RUNS)
    expect(left).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0])
    expect(results.cells.map(({ topology }) => topology)).toEqual(['mesh', 'star', 'solo'])
    for (const { estimates, outcomes } of results.cells) {
      const { mean, low, high, count } = estimates.makespan!
      expect(low).toBeLessThanOrEqual(mean)
      expect(high).toBeGreaterThanOrEqual(mean)
      expect(count).toBe(3)
      expect(outcomes).toEqual({ completed: 3 })
    }
    expect(results.notes[0]).toContain('3 seeds where 30 are wanted')
    expect(Object.keys(results.metrics)).not.toContain('recovery')
  })

  it('calls nobody better by how long work waits, of which a supervisor keeps its part to itself', () => {
    const { cells, metrics } = whole.results
    const [mesh, star] = cells.map(({ estimates }) => estimates)
    expect(star!.wait!.mean).toBeLessThan(mesh!.wait!.mean)
    expect(star!.makespan!.mean).toBeGreaterThan(mesh!.makespan!.mean)
    expect(metrics.wait!.better).toBeNull()
  })

  it('goes on after an interruption where it was, and comes to the same', async () => {
    const file = join(folder, 'samples.jsonl')
    const stop = new AbortController()
    const first: Sample[] = []
    const interrupted = runLab({
      read,
      samples: file,
      signal: stop.signal,
      onSample(sample) {
        first.push(sample)
        if (first.length === 4) stop.abort(new Error('interrupted'))
      },
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    // A process that is killed leaves half a line.
    await appendFile(file, '{"cell":"mesh any')
    let run = 0
    const hand = ownHand()
    const counted: Hand = {
      ...hand,
      run(...given) {
        run++
        return hand.run(...given)
      },
    }
    const resumed = await runLab({ read, samples: file, hands: [counted] })
    expect(run).toBe(RUNS - first.length)
    expect(resumed).toEqual(whole)
    const again = await runLab({ read, samples: file, hands: [counted] })
    expect(again).toEqual(whole)
    expect(run).toBe(RUNS - first.length)
  })

  it('only ever adds to what is kept', async () => {
    const file = join(folder, 'kept.jsonl')
    await runLab({ read: experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]'), samples: file })
    await appendFile(file, '{"cell":"cut o')
    const before = await readFile(file, 'utf8')
    // Whoever has it open meanwhile, as a second lab in the same folder does, keeps its place in the same file.
    const other = await open(file)
    await runLab({
      read: experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]', 'seeds: 2'),
      samples: file,
    })
    const after = await other.readFile('utf8').finally(() => other.close())
    expect(after.startsWith(`${before}\n`)).toBe(true)
    expect(after.slice(before.length + 1)).toMatch(/^\{"cell":"solo[^\n]*"seed":2[^\n]*\}\n$/)
  })

  it('does not mix samples of different experiments', async () => {
    const samples = join(folder, 'other.jsonl')
    const one = experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]')
    const other = experimentOf('{ shape: chain, tasks: 3 }', 'topologies: [solo]')
    await runLab({ read: one, samples })
    await expect(runLab({ read: other, samples })).rejects.toMatchObject({ code: 'lab.other-experiment' })
  })

  it('runs only what is new where there are more seeds', async () => {
    const samples = join(folder, 'seeds.jsonl')
    const few = experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]', 'seeds: 2')
    const more = experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]', 'seeds: 3')
    await runLab({ read: few, samples })
    const found: number[] = []
    await runLab({ read: more, samples, onSample: ({ seed }) => found.push(seed) })
    const lines = (await readFile(samples, 'utf8')).trim().split('\n')
    expect(found).toEqual([1, 2, 3])
    expect(lines.map((line) => (JSON.parse(line) as Partial<Sample>).seed)).toEqual([undefined, 1, 2, 3])
  })

  it('comes to the same with threads, whichever is first', async () => {
    const entry = new URL('../../dist/lab/thread.js', import.meta.url)
    const hands = [threadHand(read, entry), threadHand(read, entry)]
    expect(await runLab({ read, hands })).toEqual(whole)
  })

  it('measures of a pipeline what its slowest stage allows', async () => {
    const pipeline = experimentOf(
      '{ shape: pipeline, items: 20, stages: [{ service: 1s }, { service: 3s }, { service: 2s }] }',
      'topologies: [pipeline, solo]',
      'sizes: [1]',
    )
    const [passing, alone] = (await runLab({ read: pipeline })).results.cells
    // 20 items at 3 s each, and the stages before and after the slowest for one of them.
    expect(passing!.estimates.makespan!.mean).toBe(63)
    expect(passing!.predictions.makespan![0]).toMatchObject({ value: 63, residual: 0 })
    expect(passing!.predictions.output![0]!.residual).toBeCloseTo(0, 6)
    expect(alone!.predictions.makespan![0]).toMatchObject({ value: 120, residual: 0 })
  })

  it('sets theory beside what was measured', async () => {
    const star = experimentOf(
      '{ shape: independent, tasks: 50 }',
      '  service: 4s',
      '  hub: 1s',
      'topologies: [star]',
      'sizes: [1, 3, 10]',
    )
    const { results } = await runLab({ read: star })
    const residuals = results.cells.map(({ predictions }) => predictions.steadyThroughput![0]!.residual!)
    for (const residual of residuals) expect(Math.abs(residual)).toBeLessThan(0.06)
    expect(results.notes.join(' ')).toMatch(/saturated by (4\.[789]|5\.[0-3]) workers.*N\* = .* = 5\.0/)
  })
})
