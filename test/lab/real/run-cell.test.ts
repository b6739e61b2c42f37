import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Read } from '../../../lab/experiment.ts'
import { readExperiment } from '../../../lab/experiment-file.ts'
import { runLab } from '../../../lab/lab.ts'
import { reportPage } from '../../../lab/report/page.ts'
import { runCell } from '../../../lab/run-cell.ts'
import { ROOT } from '../../root.ts'
import { onlyCell } from '../experiments.ts'

const WORKSPACE = join(ROOT, 'test/fixtures/workspaces/tiny')

/** One run, where there is one size and one seed. */
const tiny = (...change: readonly string[]): Read =>
  readExperiment(
    [
      'name: tiny',
      `job: { kind: real, goal: Make the failing tests pass, workspace: ${WORKSPACE} }`,
      ...['sizes: [1]', 'seeds: 1', ...change],
    ].join('\n'),
    'tiny.yaml',
  )

/** Where whatever a run keeps goes, so that it can be seen. */
async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-real-'))
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

describe('a real run of a cell', () => {
  it('is measured by its report and its journal, and leaves nothing', async () => {
    const folder = await temporary()
    const read = tiny('topologies: [ring]')
    const { results, samples } = await runLab({ read })
    const { outcome, metrics } = samples[0]!
    expect(outcome).toBe('completed')
    expect(metrics).toMatchObject({ success: 1 })
    for (const name of ['makespan', 'messages', 'calls', 'tools', 'fullness'])
      expect(metrics[name], name).toBeGreaterThan(0)
    // Four peers in a ring: who is not beside another talks to it through one between them.
    expect(metrics.relays).toBeGreaterThan(0)
    expect(metrics.hops).toBeGreaterThan(1)
    expect(metrics.hops).toBeLessThanOrEqual(2)
    for (const name of ['utilisation', 'heard']) {
      expect(metrics[name], name).toBeGreaterThan(0)
      expect(metrics[name], name).toBeLessThan(1)
    }
    expect(metrics.queue).toBeGreaterThanOrEqual(0)
    // Offline nobody counts tokens, and nothing is foretold of real time.
    expect(metrics).not.toHaveProperty('tokens')
    expect(results.cells[0]).toMatchObject({ predictions: {}, outcomes: { completed: 1 } })
    expect(results.notes.join(' ')).toMatch(/real time.*offline/s)
    expect(JSON.stringify(results.cells)).not.toContain(process.cwd())
    const page = reportPage(results, '')
    for (const { label } of Object.values(results.metrics)) expect(page).toContain(label)
    expect(await readdir(folder)).toEqual([])
  })

  it('counts what lay on a blackboard as put once', async () => {
    const read = tiny('topologies: [mesh]', 'placements: [blackboard]')
    const { outcome, metrics } = await runCell(onlyCell(read), 1)
    expect(outcome).toBe('completed')
    expect(metrics).toMatchObject({ hops: 1, relays: 0 })
  })

  it('is cancelled by an abort in the middle, and leaves nothing', async () => {
    const folder = await temporary()
    const stop = new AbortController()
    const running = runCell(onlyCell(tiny('topologies: [solo]')), 1, stop.signal)
    running.catch(() => {})
    // Of peers that are hosted, the place for their work is the first that is seen.
    const work = () => readdir(folder).then((names) => names.filter((name) => /^skein-[0-9a-f]+$/.test(name)))
    await vi.waitFor(async () => expect(await work()).toHaveLength(1), { timeout: 20_000 })
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual([])
  })
})
