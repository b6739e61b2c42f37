/** A folder in which skein is used as people use it: by its command line, on copies of workspaces. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAs } from '../../protocols/parse.ts'
import { type RunReport, runReportSchema } from '../../src/flock/run-report.ts'
import { readTraceFile } from '../../traces/file.ts'
import type { Span } from '../../traces/span.ts'
import { ROOT } from '../root.ts'
import { cleanEnvironment, type Ended, type SkeinProcess, startSkein } from './skein-process.ts'

const WORKSPACES = {
  textkit: 'examples/workspaces/textkit',
  shipping: 'test/fixtures/workspaces/shipping',
  hopeless: 'test/fixtures/workspaces/hopeless',
  tiny: 'test/fixtures/workspaces/tiny',
} as const

export type WorkspaceName = keyof typeof WORKSPACES

export type Project = {
  readonly folder: string
  readonly stateDir: string
  /** A fresh copy, in a folder of the same name unless given. */
  copyOf(workspace: WorkspaceName, name?: string): Promise<string>
  skein(args: readonly string[], env?: Readonly<Record<string, string>>): SkeinProcess
  /** Ends what was started here and still runs, and removes the folder. */
  close(): Promise<void>
}

/** @param apart its processes are not reached by a Ctrl-C in the terminal */
export async function openProject({ apart }: { readonly apart?: boolean } = {}): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-e2e-')))
  const started: SkeinProcess[] = []
  return {
    folder,
    stateDir: join(folder, '.skein'),
    async copyOf(workspace, name = workspace) {
      const copy = join(folder, name)
      await cp(join(ROOT, WORKSPACES[workspace]), copy, { recursive: true })
      return copy
    },
    skein(args, env = {}) {
      const child = startSkein(args, { cwd: folder, env, apart })
      started.push(child)
      return child
    },
    async close() {
      await Promise.all(started.map((child) => child.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The one object that `skein run --json` prints. */
export const reportOf = ({ stdout }: Ended): RunReport =>
  parseAs(runReportSchema, JSON.parse(stdout), 'report', 'what "skein run --json" printed')

export const spansOf = async ({ trace }: RunReport): Promise<readonly Span[]> =>
  (await readTraceFile(trace!)).spans

export const textOf = (file: string | null): Promise<string> => readFile(file!, 'utf8')

/** The exit code of a workspace's own tests, run by npm and nobody else. */
export const testsIn = (workspace: string): Promise<number> => exitCodeOf('npm', ['test'], workspace)

/** The exit code of one file of tests, run by Node's test runner and nobody else. */
export const testFile = (workspace: string, file: string): Promise<number> =>
  exitCodeOf('node', ['--test', file], workspace)

/** @returns git's exit code */
export const applyPatch = (workspace: string, patch: string): Promise<number> =>
  exitCodeOf('git', ['apply', patch], workspace)

function exitCodeOf(command: string, args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: cleanEnvironment() }, (error) => {
      if (error === null) resolve(0)
      else if (typeof error.code === 'number') resolve(error.code)
      else reject(error)
    })
  })
}
