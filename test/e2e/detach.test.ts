/** Runs that outlive the process they were started from: left to their peers, or killed, or without a terminal. */
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ListedRun } from '../../src/flock/all-runs.ts'
import { type HeldModel, startHeldModel } from './held-model.ts'
import { applyPatch, openProject, type Project, reportOf, testsIn, textOf } from './project.ts'
import { gone, type ProjectProcesses, processesOf } from './project-processes.ts'
import type { SkeinProcess } from './skein-process.ts'

const RUN_MS = 180_000

let project: Project
let workspace: string
beforeAll(async () => {
  project = await openProject()
  workspace = await project.copyOf('tiny')
})
afterAll(() => project.close())

let model: HeldModel
beforeEach(async () => {
  model = await startHeldModel('researcher')
})
afterEach(() => model.close())

const skein = (...args: readonly string[]) => project.skein(args).ended

const start = (...args: readonly string[]): SkeinProcess =>
  project.skein(
    [
      'run',
      'Write what is missing',
      '-w',
      workspace,
      '--peers',
      'researcher=1,coder=1',
      '--model',
      'ruler',
    ].concat(args),
    { OPENAI_BASE_URL: model.url, SKEIN_ADOPTION: '3s' },
  )

const idOf = async (run: SkeinProcess): Promise<string> => (await run.says(/^(r-\S+) begins/))[1]!

async function listed(...args: readonly string[]): Promise<readonly ListedRun[]> {
  return JSON.parse((await skein('runs', '--json', ...args)).stdout) as ListedRun[]
}

/** A patch with which the workspace's tests pass, and nobody who is left. */
async function isDone(run: string, { peers, server }: ProjectProcesses): Promise<void> {
  const report = reportOf(await skein('result', run, '--json'))
  expect(report).toMatchObject({ run, outcome: 'completed', partial: false })
  const copy = await project.copyOf('tiny', run)
  expect(await applyPatch(copy, report.patch!)).toBe(0)
  expect(await testsIn(copy)).toBe(0)
  await gone([...peers, server])
  for (const peer of report.peers) {
    const log = await readFile(`${report.logs}/${peer.peer}.log`, 'utf8')
    expect(log, peer.peer).not.toMatch(/[Uu]nhandled|"level":"error"|^\s+at /m)
  }
}

describe('a run that is detached', () => {
  it(
    'is left to its peers, is waited for from elsewhere, and leaves no process',
    async () => {
      const begun = await start('--detach').ended
      expect(begun.code).toBe(0)
      const [run = ''] = begun.stdout.split('\n')
      expect(run).toMatch(/^r-/)
      await model.held
      const processes = await processesOf(project)
      expect(processes.peers).toHaveLength(4)
      expect(await listed()).toMatchObject([
        { run, state: 'open', outcome: null, hosted: 'somebody', filed: false },
      ])
      expect(await skein('result', run)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`run "${run}" is not over: "skein wait ${run}" waits for its end`),
      })
      expect(await skein('wait', run, '--timeout', '1ms', '--quiet')).toMatchObject({
        code: 124,
        stdout: '',
        stderr: expect.stringContaining(`run "${run}" goes on`),
      })
      const waiting = project.skein(['wait', run, '--json'])
      model.letGo()
      const waited = await waiting.ended
      expect(waited).toMatchObject({ code: 0, stderr: '' })
      const report = reportOf(waited)
      expect(report).toMatchObject({ run, outcome: 'completed' })
      expect(await textOf(report.report)).not.toBe('')
      await gone([...processes.peers, processes.server])
      // From its files: no server is left that could be asked.
      for (const again of ['wait', 'result'])
        expect(reportOf(await skein(again, run, '--json')), again).toEqual(report)
      expect(await listed()).toEqual([])
      expect(await listed('--all')).toMatchObject([{ run, state: 'over', outcome: 'completed', filed: true }])
      await isDone(run, processes)
    },
    RUN_MS,
  )
})

describe('a run whose starter is gone', () => {
  it(
    'is finished by its peers where the starter was killed',
    async () => {
      const starter = start()
      const run = await idOf(starter)
      await model.held
      const processes = await processesOf(project)
      process.kill(starter.pid, 'SIGKILL')
      await starter.ended
      model.letGo()
      await gone([...processes.peers, processes.server])
      await isDone(run, processes)
    },
    RUN_MS,
  )

  it(
    'is finished by its peers, and filed from what they left, where its terminal was closed',
    async () => {
      const starter = start()
      const run = await idOf(starter)
      await model.held
      const processes = await processesOf(project)
      for (const pid of [starter.pid, ...processes.peers]) process.kill(pid, 'SIGHUP')
      expect(await starter.ended).toMatchObject({ code: 0, stdout: expect.stringContaining(run) })
      model.letGo()
      await gone([...processes.peers, processes.server])
      expect((await listed('--all')).find((one) => one.run === run)).toMatchObject({
        ...{ state: 'over', outcome: 'completed', filed: false },
      })
      await isDone(run, processes)
    },
    RUN_MS,
  )
})
