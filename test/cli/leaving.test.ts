/** Runs on a small workspace: what they leave when they are over, and when they are interrupted. Killed: `e2e/detach`. */
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findEmbeddedNats } from '../../src/embedded/embedded.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { openProject, type Project, reportOf, testsIn } from '../e2e/project.ts'
import { lives, type SkeinProcess } from '../e2e/skein-process.ts'

/** The lease of a killed run, and what is left of it to do, on a busy machine. */
const LEAVE_MS = 90_000
const RUN_MS = 120_000

let project: Project
let workspace: string
beforeEach(async () => {
  project = await openProject()
  workspace = await project.copyOf('tiny')
})
afterEach(() => project.close())

const start = (...more: readonly string[]) =>
  project.skein(['run', 'Make the failing tests pass', '--workspace', workspace, ...more])

async function completed(run: SkeinProcess): Promise<RunReport> {
  const ended = await run.ended
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return reportOf(ended)
}

/** The processes of a run under way: its peers and its server. */
async function processesOf(run: SkeinProcess): Promise<number[]> {
  await run.says(/takes goal/)
  const { stdout } = await project.skein(['ps', '--json']).ended
  const peers = (JSON.parse(stdout) as { pid: number }[]).map(({ pid }) => pid)
  return [...peers, (await findEmbeddedNats(project.stateDir))!.pid]
}

describe('a run that is over', () => {
  it(
    'has applied its patch where it was told to, is traced, and has ended its processes',
    async () => {
      const report = await completed(start('--json', '--apply', '--peers', 'researcher=1,coder=1'))
      const names = ['coder-1', 'planner-1', 'researcher-1', 'reviewer-1']
      expect(report.peers.map(({ peer }) => peer)).toEqual(names)
      const pids = report.peers.map(({ pid }) => pid)
      expect(new Set(pids).size).toBe(names.length)
      expect(pids.filter(lives)).toEqual([])
      expect(await testsIn(workspace)).toBe(0)
      expect((await project.skein(['trace']).ended).stdout).toContain(`run ${report.run}`)
      const copy = join(project.folder, 'trace.json')
      expect(await project.skein(['trace', '--otlp', copy]).ended).toMatchObject({ code: 0, stdout: '' })
      const [shown, fromCopy] = [['trace'], ['trace', '--file', copy]].map(
        (args) => project.skein(args).ended,
      )
      expect((await fromCopy!).stdout).toBe((await shown!).stdout)
      expect((await readFile(copy, 'utf8')).trimEnd()).not.toContain('\n')
      expect(await readFile(join(report.logs!, 'coder-1.log'), 'utf8')).toContain('"ready"')
    },
    RUN_MS,
  )

  it(
    'leaves the workspace alone until it is applied, and then only if nobody changed it',
    async () => {
      const { run, patch, peers } = await completed(start('--json', '--here'))
      expect(new Set(peers.map(({ pid }) => pid)).size).toBe(1)
      expect(await testsIn(workspace)).not.toBe(0)
      const [, changed] = /^\+\+\+ b\/(\S+)/m.exec(await readFile(patch!, 'utf8'))!
      const file = join(workspace, changed!)
      const before = await readFile(file)
      await appendFile(file, '// mine')
      expect(await project.skein(['apply', run]).ended).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(changed!),
      })
      await writeFile(file, before)
      expect(await project.skein(['apply', run]).ended).toMatchObject({ code: 0, stderr: '' })
      expect(await testsIn(workspace)).toBe(0)
    },
    RUN_MS,
  )

  it(
    'has used the peers that were there, and was heard by who listened',
    async () => {
      const researcher = project.skein(['peer', 'researcher'])
      await researcher.says(/"ready"/)
      const tap = project.skein(['tap', '--json'])
      await tap.says(/listening/)
      const report = await completed(start('--json', '--peers', 'researcher=1'))
      expect(report.peers).toContainEqual({ peer: 'researcher-1', role: 'researcher', pid: researcher.pid })
      const heard = (await tap.stop()).stdout.trimEnd().split('\n')
      const types = heard.map((line) => (JSON.parse(line) as { type: string }).type)
      expect(types).toEqual(expect.arrayContaining(['run.start', 'run.goal', 'task.request', 'run.result']))
      expect((await researcher.stop()).code).toBe(0)
    },
    RUN_MS,
  )
})

describe('a run that is interrupted', () => {
  it(
    'says so with code 130, and leaves no peer and no server',
    async () => {
      const run = start()
      const pids = await processesOf(run)
      process.kill(run.pid, 'SIGINT')
      const { code, stdout } = await run.ended
      expect({ code, stdout }).toMatchObject({ code: 130, stdout: expect.stringContaining('cancelled') })
      expect(pids.filter(lives)).toEqual([])
      expect(await findEmbeddedNats(project.stateDir)).toBeUndefined()
    },
    RUN_MS,
  )

  it(
    'does so while its peers are still starting',
    async () => {
      const run = start('--peers', 'coder=4')
      await vi.waitFor(async () => expect(await findEmbeddedNats(project.stateDir)).toBeDefined(), {
        timeout: LEAVE_MS,
      })
      process.kill(run.pid, 'SIGINT')
      expect((await run.ended).code).toBe(130)
      expect(await findEmbeddedNats(project.stateDir)).toBeUndefined()
    },
    RUN_MS,
  )
})
