/**
 * Runs that outlive the process they were started from: left to their peers, or killed, or without a terminal. They
 * mostly wait, for a lease to run out and for peers to leave: so they do it beside each other, each in a project.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ListedRun } from '../../src/flock/all-runs.ts'
import { type HeldModel, startHeldModel } from './held-model.ts'
import { applyPatch, openProject, type Project, reportOf, testsIn, textOf } from './project.ts'
import { gone, type ProjectProcesses, processesOf } from './project-processes.ts'
import type { SkeinProcess } from './skein-process.ts'

const RUN_MS = 180_000

type Stage = {
  readonly project: Project
  readonly model: HeldModel
  start(...args: readonly string[]): SkeinProcess
  skein(...args: readonly string[]): SkeinProcess['ended']
  listed(...args: readonly string[]): Promise<readonly ListedRun[]>
}

/** A project of its own, and a model that holds its researcher's reply. */
async function staged(act: (stage: Stage) => Promise<void>): Promise<void> {
  const [project, model] = await Promise.all([openProject(), startHeldModel('researcher')])
  const skein = (...args: readonly string[]) => project.skein(args).ended
  const asked = ['-w', 'tiny', '--peers', 'researcher=1,coder=1', '--model', 'ruler']
  try {
    await project.copyOf('tiny')
    await act({
      ...{ project, model, skein },
      start: (...args) =>
        project.skein(['run', 'Write what is missing', ...asked, ...args], {
          OPENAI_BASE_URL: model.url,
          SKEIN_ADOPTION: '6s',
        }),
      listed: async (...args) =>
        JSON.parse((await skein('runs', '--json', ...args)).stdout) as readonly ListedRun[],
    })
  } finally {
    model.letGo()
    await project.close()
    await model.close()
  }
}

const idOf = async (run: SkeinProcess): Promise<string> => (await run.says(/^(r-\S+) begins/))[1]!

/** A patch with which the workspace's tests pass, and nobody who is left. */
async function isDone(run: string, { skein, project }: Stage, { peers, server }: ProjectProcesses) {
  const report = reportOf(await skein('result', run, '--json'))
  expect(report).toMatchObject({ run, outcome: 'completed', partial: false })
  const copy = await project.copyOf('tiny', run)
  expect(await applyPatch(copy, report.patch!)).toBe(0)
  expect(await testsIn(copy)).toBe(0)
  await gone([...peers, server])
  for (const peer of report.peers) {
    const log = await readFile(`${report.logs}/${peer.peer}.log`, 'utf8')
    const alarming = log.split('\n').filter((line) => /[Uu]nhandled|"level":"error"|^\s+at /.test(line))
    expect(alarming, peer.peer).toEqual([])
  }
}

describe.concurrent('a run that is detached', () => {
  it(
    'is left to its peers, is waited for from elsewhere, and leaves no process',
    () =>
      staged(async (stage) => {
        const { project, model, skein, listed } = stage
        const begun = await stage.start('--detach').ended
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
        const waiting = skein('wait', run, '--json')
        model.letGo()
        const waited = await waiting
        expect(waited).toMatchObject({ code: 0, stderr: '' })
        const report = reportOf(waited)
        expect(report).toMatchObject({ run, outcome: 'completed' })
        expect(await textOf(report.report)).not.toBe('')
        await gone([...processes.peers, processes.server])
        // From its files: no server is left that could be asked.
        for (const again of ['wait', 'result'])
          expect(reportOf(await skein(again, run, '--json')), again).toEqual(report)
        expect(await listed()).toEqual([])
        expect(await listed('--all')).toMatchObject([
          { run, state: 'over', outcome: 'completed', filed: true },
        ])
        await isDone(run, stage, processes)
      }),
    RUN_MS,
  )
})

describe.concurrent('a run whose starter is gone', () => {
  it(
    'is finished by its peers where the starter was killed',
    () =>
      staged(async (stage) => {
        const starter = stage.start()
        const run = await idOf(starter)
        await stage.model.held
        const processes = await processesOf(stage.project)
        process.kill(starter.pid, 'SIGKILL')
        await starter.ended
        stage.model.letGo()
        await gone([...processes.peers, processes.server])
        await isDone(run, stage, processes)
      }),
    RUN_MS,
  )

  it(
    'is finished by its peers, and filed from what they left, where its terminal was closed',
    () =>
      staged(async (stage) => {
        const starter = stage.start()
        const run = await idOf(starter)
        await stage.model.held
        const processes = await processesOf(stage.project)
        for (const pid of [starter.pid, ...processes.peers]) process.kill(pid, 'SIGHUP')
        expect(await starter.ended).toMatchObject({ code: 0, stdout: expect.stringContaining(run) })
        stage.model.letGo()
        await gone([...processes.peers, processes.server])
        expect(await stage.listed('--all')).toMatchObject([
          { run, state: 'over', outcome: 'completed', filed: false },
        ])
        await isDone(run, stage, processes)
      }),
    RUN_MS,
  )
})
