import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cellsOf } from '../../../lab/experiment.ts'
import { readExperiment } from '../../../lab/experiment-file.ts'
import { openSamples } from '../../../lab/sample-store.ts'
import { ROOT } from '../../root.ts'

const FILE = join(ROOT, 'test/fixtures/tiny.yaml')
const GOOD = `name: tiny
job:
  kind: real
  goal: Make the failing tests pass
  workspace: workspaces/tiny
sizes: [1, 2]
seeds: 2
`

describe('an experiment with a real job', () => {
  it('has what was left out as well', () => {
    const { experiment } = readExperiment(GOOD, FILE)
    expect(experiment).toMatchObject({
      topologies: ['mesh', 'star', 'solo'],
      job: { model: 'offline' },
      deadline: 600_000,
      faults: ['none'],
    })
  })

  it('may vary what its job has', () => {
    const read = readExperiment(`${GOOD}vary: [{ path: job.rounds, values: [0, 2] }]\n`, FILE)
    expect(cellsOf(read).map(({ id }) => id)).toContain('solo anybody n1 none job.rounds=2')
  })

  it.each([
    [
      'a service time',
      GOOD.replace('sizes', '  service: 2s\nsizes'),
      '6:12',
      'job has no "service": allowed are kind, goal',
    ],
    ['a supervisor that takes time', GOOD.replace('sizes', '  hub: 1s\nsizes'), '6:8', 'job has no "hub"'],
    ['a latency', `${GOOD}latency: 5ms\n`, '8:10', 'the experiment has no "latency": allowed are name'],
    ['when to crash', `${GOOD}crash: { at: 0.5 }\n`, '8:8', 'the experiment has no "crash"'],
    ['a fault', `${GOOD}faults: [none, hub]\n`, '8:16', 'npm run topologies -- --kill'],
    [
      'a variation of what is drawn',
      `${GOOD}vary: [{ path: job.hub.mean, values: [1s] }]\n`,
      '8:39',
      'job has no "hub"',
    ],
    [
      'a workspace that is not there',
      GOOD.replace('/tiny', '/none'),
      '5:14',
      'workspaces/none does not exist',
    ],
    [
      'documents that are a file',
      GOOD.replace('sizes', '  documents: workspaces/tiny/README.md\nsizes'),
      '6:14',
      'is no directory',
    ],
    ['no number of seeds', GOOD.replace('seeds: 2\n', ''), '1:1', 'seeds is missing'],
    ['an unknown topology', `${GOOD}topologies: [cube]\n`, '8:14', 'cannot be "cube"'],
  ])('says where %s is', (_, source, place, text) => {
    expect(() => readExperiment(source, FILE)).toThrow(`${FILE}:${place}: `)
    expect(() => readExperiment(source, FILE)).toThrow(text)
  })

  it('does not mix samples of a workspace with those of it changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-real-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await cp(join(ROOT, 'test/fixtures/workspaces/tiny'), join(folder, 'workspaces/tiny'), {
      recursive: true,
    })
    const read = readExperiment(GOOD, join(folder, 'tiny.yaml'))
    const samples = join(folder, 'samples.jsonl')
    await openSamples(samples, read)
    await openSamples(samples, read)
    await writeFile(join(folder, 'workspaces/tiny/src/more.js'), 'export const more = 1\n')
    await expect(openSamples(samples, read)).rejects.toMatchObject({ code: 'lab.other-experiment' })
  })
})
