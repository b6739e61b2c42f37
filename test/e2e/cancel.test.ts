/** Runs that are cancelled from elsewhere, whatever they are at, and whether any process of them is left. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunReport } from '../../src/flock/run-report.ts'
import { type HeldModel, startHeldModel } from './held-model.ts'
import { applyPatch, openProject, type Project, reportOf, testsIn } from './project.ts'
import { gone, type ProjectProcesses, processesOf } from './project-processes.ts'
import { type Ended, lives, type SkeinProcess } from './skein-process.ts'

const RUN_MS = 180_000
const FLOCK = ['--peers', 'researcher=1,coder=1']

let project: Project
let workspace: string
beforeAll(async () => {
  project = await openProject()
  workspace = await project.copyOf('tiny')
})
afterAll(() => project.close())

const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  project.skein(['run', 'Make the failing tests pass', '--workspace', workspace, ...FLOCK, ...args], env)

const skein = (...args: readonly string[]) => project.skein(args).ended

const idOf = async (run: SkeinProcess): Promise<string> => (await run.says(/^(r-\S+) begins/))[1]!

describe('a run that is cancelled in the middle of a reply', () => {
  let model: HeldModel
  let run: string
  let processes: ProjectProcesses
  let cancelled: Ended
  let started: Ended
  let waited: Ended
  let report: RunReport

  beforeAll(async () => {
    model = await startHeldModel('reviewer')
    const starter = start(['--model', 'ruler'], { OPENAI_BASE_URL: model.url })
    run = await idOf(starter)
    await model.held
    const waiting = project.skein(['wait', run])
    processes = await processesOf(project)
    cancelled = await skein('cancel', run, '--json')
    started = await starter.ended
    waited = await waiting.ended
    report = reportOf(cancelled)
  }, RUN_MS)
  afterAll(() => model.close())

  it('is over as cancelled, and whoever cancelled it is told so', () => {
    expect(cancelled).toMatchObject({ code: 0, stderr: '' })
    expect(report).toMatchObject({ run, outcome: 'cancelled' })
  })

  it('closes the connection that the reply streams over', async () => {
    expect(await (await model.held).ended).toBe('left')
  })

  it('says to who waits for it who cancelled it, with code 6', () => {
    expect(report.reason).toMatch(/^cancelled by \S+ on \S+/)
    const told = { code: 6, stdout: expect.stringContaining(`cancelled  ${report.reason}`) }
    expect(started).toMatchObject(told)
    expect(waited).toMatchObject(told)
  })

  it('hands over what was merged by then', async () => {
    expect(report.partial).toBe(true)
    expect(started.stdout).toContain('as far as it came')
    const copy = await project.copyOf('tiny', 'as-far-as-it-came')
    expect(await applyPatch(copy, report.patch!)).toBe(0)
    expect(await testsIn(copy)).toBe(0)
  })

  it('is filed once, with what it cost, whoever filed it', async () => {
    expect(report.spent.calls).toBeGreaterThan(0)
    expect(reportOf(await skein('result', run, '--json'))).toEqual(report)
  })

  it('leaves no process', async () => {
    expect(processes.peers).toHaveLength(4)
    await gone([...processes.peers, processes.server])
  })

  it('is not cancelled twice', async () => {
    expect(await skein('cancel', run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`run "${run}" is over already: it ended as cancelled`),
    })
  })
})

describe('a run that nobody knows', () => {
  it('cannot be cancelled, and it is said where to look', async () => {
    const { code, stderr } = await skein('cancel', 'r-unknown')
    expect(code).toBe(2)
    expect(stderr).toContain('the bus knows no run "r-unknown"')
    expect(stderr).toContain('skein runs')
  })
})

/** A sandbox would end what is in it, and no process in it could say which it is to the others. */
const OUTSIDE = { SKEIN_SANDBOX: 'none' }

/** A test of the workspace's own that never ends, and has a process of its own; it says which. */
const endless = (pidFile: string) => `
import { spawn } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { it } from 'node:test'

it('never ends', () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const file = ${JSON.stringify(pidFile)}
  writeFileSync(file + '.draft', JSON.stringify([process.pid, child.pid]))
  renameSync(file + '.draft', file)
  return new Promise(() => {})
})
`

/** A workspace whose tests never end, and the processes that they take once they are there. */
async function endlessTests(): Promise<() => Promise<number[]>> {
  const pidFile = join(project.folder, 'pids.json')
  await rm(pidFile, { force: true })
  await writeFile(join(workspace, 'test/endless.test.js'), endless(pidFile))
  return () =>
    vi.waitFor(async () => JSON.parse(await readFile(pidFile, 'utf8')) as number[], {
      timeout: RUN_MS,
      interval: 50,
    })
}

describe('a run that is cancelled while its tests run', () => {
  it(
    'ends the tests, and all processes that they began',
    async () => {
      const begun = await endlessTests()
      const starter = start([], OUTSIDE)
      const run = await idOf(starter)
      const tests = await begun()
      expect(tests.filter(lives)).toEqual(tests)
      const processes = await processesOf(project)
      expect(await skein('cancel', run)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^cancelled {2}cancelled by /m),
      })
      expect((await starter.ended).code).toBe(6)
      await gone([...tests, ...processes.peers, processes.server])
    },
    RUN_MS,
  )
})

describe('a run whose processes were all killed', () => {
  it(
    'is cancelled from what the private server kept',
    async () => {
      const begun = await endlessTests()
      const { stdout } = await start(['--detach', '--json'], { ...OUTSIDE, SKEIN_ADOPTION: '3s' }).ended
      const { run } = JSON.parse(stdout) as { run: string }
      const tests = await begun()
      const { peers, server } = await processesOf(project)
      for (const pid of [...peers, ...tests, server]) process.kill(pid, 'SIGKILL')
      await gone([...peers, ...tests, server])
      const cancelled = await skein('cancel', run, '--json')
      expect(cancelled).toMatchObject({ code: 0, stderr: '' })
      expect(reportOf(cancelled)).toMatchObject({ run, outcome: 'cancelled', patch: null })
      expect(await skein('runs')).toMatchObject({ stdout: expect.stringContaining('no run is under way') })
      expect((await skein('ps')).code).toBe(2)
    },
    RUN_MS,
  )
})
