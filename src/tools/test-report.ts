/**
 * Running a workspace's own tests and reading which passed. For workspaces whose `npm test` runs Node's test runner:
 * `node --test`, with or without files and flags, once or several times. A script that names a reporter of its own
 * has to name its destination as well, since ours comes on top.
 *
 * All tests run, and the wanted ones are picked from the report: a name pattern would have to get through a script
 * that may not pass it on, and matches parts of names. This runs code that agents wrote.
 */
import { constants } from 'node:fs'
import { open, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Clock } from '../time/clock.ts'
import { type CommandResult, runCommand } from './command.ts'
import { parseTestEvents, REPORT_VARIABLE, REPORTER_OPTIONS, type TestEvent } from './test-reporter.ts'
import { type TestFailure, type TestVerdicts, verdictsOf } from './test-verdicts.ts'
import { ToolError } from './tool.ts'

export type TestRun = {
  /** The workspace: a checkout that nobody else works in. */
  readonly directory: string
  /** HOME and TMPDIR of the tests, outside of the workspace. */
  readonly home: string
  /** The tests that count; a suite's name stands for all that is in it. Absent: all tests. */
  readonly names?: readonly string[] | undefined
  /** The host's clock, for the deadline. */
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Takes what they print, as it comes. */
  readonly onOutput?: ((text: string) => void) | undefined
  /** What is put around them, and what they may read there: as of a command. */
  readonly sandbox?: Sandbox | undefined
  readonly readable?: readonly string[] | undefined
}

export type TestReport = {
  /** Something passed and nothing failed. Without names the whole run also has to have ended well. */
  readonly ok: boolean
  readonly passed: readonly string[]
  /** With names also those that were skipped, or that the run did not report. */
  readonly failed: readonly TestFailure[]
  readonly skipped: readonly string[]
  /** Null where a signal ended it. */
  readonly exitCode: number | null
  /** The run was ended at its deadline: what was still running has failed. */
  readonly timedOut: boolean
  /** What people read. */
  readonly output: string
}

/** @throws ToolError `tool.no-report` where `npm test` runs something else, or nothing; `tool.aborted` */
export async function runTests(run: TestRun): Promise<TestReport> {
  const { home, names, clock, signal, timeoutMs, onOutput, sandbox, readable } = run
  const directory = await realpath(run.directory)
  const report = join(home, 'test-report.jsonl')
  await rm(report, { force: true })
  const result = await runCommand({
    argv: ['npm', 'test'],
    cwd: directory,
    home,
    env: {
      NODE_OPTIONS: REPORTER_OPTIONS,
      [REPORT_VARIABLE]: report,
      npm_config_update_notifier: 'false', // it would ask the network
    },
    clock,
    signal,
    timeoutMs,
    onOutput,
    sandbox,
    readable,
  })
  const { exitCode, timedOut, output } = result
  const cutOff = timedOut || exitCode === null
  const all = verdictsOf(await eventsOf(report, result), directory, cutOff)
  const error = `it was still running when the run ${timedOut ? `was ended after ${timeoutMs} ms` : 'broke off'}`
  const stopped = cutOff ? all.unfinished.map((test) => ({ ...test, error })) : []
  const verdicts = { ...all, failed: [...all.failed, ...stopped] }
  const { passed, failed, skipped } = names === undefined ? verdicts : select(names, verdicts)
  const endedWell = names !== undefined || (exitCode === 0 && !timedOut)
  const ok = failed.length === 0 && passed.length > 0 && endedWell
  return { ok, passed, failed, skipped, exitCode, timedOut, output }
}

async function eventsOf(report: string, result: CommandResult): Promise<TestEvent[]> {
  let cause: unknown
  try {
    const events = parseTestEvents(await textOf(report))
    if (events.length > 0) return events
  } catch (error) {
    cause = error
  }
  const how = result.timedOut ? 'ran into its deadline' : `ended with ${result.exitCode ?? result.signal}`
  const text = `\`npm test\` ${how} without a report of Node's test runner: make it run \`node --test\``
  throw new ToolError('no-report', `${text}. It printed:\n${result.output.slice(-2_000)}`, { cause })
}

/** The tests may have put something else there: a link out of their sandbox, or a pipe that nobody writes to. */
async function textOf(report: string): Promise<string> {
  const file = await open(report, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return (await file.stat()).isFile() ? await file.readFile('utf8') : ''
  } finally {
    await file.close()
  }
}

type Counted = Pick<TestVerdicts, 'passed' | 'failed' | 'skipped'>

/** The verdicts that the names ask for. A name without one has failed: it proves nothing. */
function select(names: readonly string[], all: Counted): Counted {
  const isIn = (name: string, suite: string) => name === suite || name.startsWith(`${suite} > `)
  const wanted = (name: string) => names.some((suite) => isIn(name, suite))
  const passed = all.passed.filter(wanted)
  const failed = all.failed.filter(({ name }) => wanted(name))
  const skipped = all.skipped.filter(wanted)
  const silent = names.filter(
    (suite) => ![...passed, ...failed.map(({ name }) => name), ...skipped].some((name) => isIn(name, suite)),
  )
  const broken = all.failed.find(({ name, file }) => name === file)
  return {
    passed,
    failed: [
      ...failed,
      ...skipped.map((name) => ({ name, error: 'it was skipped' })),
      ...silent.map((name) => notReported(name, broken)),
    ],
    skipped,
  }
}

/** A test is often missing because its file did not load. */
function notReported(name: string, broken: TestFailure | undefined): TestFailure {
  if (broken === undefined) return { name, error: 'the run reported no test of this name' }
  const { file, error, stack } = broken
  return {
    name,
    error: `the run reported no test of this name, and ${file} failed: ${error}`,
    ...(stack && { stack }),
  }
}
