/** One job, tried once with a model, and what can be said of it afterwards. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codingJob } from '../../actors/coding.ts'
import type { Outcome } from '../../protocols/run.ts'
import { applyChange } from '../../src/flock/change.ts'
import { type RunOptions, run } from '../../src/flock/run.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { NO_LIMITS } from '../../src/run/quota.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { isInScope } from '../../src/tools/scope.ts'
import { runTests } from '../../src/tools/test-report.ts'
import { ToolError } from '../../src/tools/tool.ts'
import { treePath } from '../../src/tools/tree.ts'
import { diagnose } from '../../traces/diagnose/diagnose.ts'
import { readTraceFile } from '../../traces/file.ts'
import { GEN_AI } from '../../traces/names.ts'
import { type Story, storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { type Correction, createCorrections } from './corrections.ts'
import { type CheckJob, writeFiles } from './jobs.ts'

export type Trial = {
  readonly job: string
  /** The run completed, every test passes, also those that the agents did not see, and nothing else was changed. */
  readonly ok: boolean
  readonly outcome: Outcome
  readonly reason: string | null
  /** Files that were changed and had nothing to do with the goal. */
  readonly unwanted: readonly string[]
  readonly tests: { readonly passed: number; readonly failed: readonly string[] }
  readonly tokens: { readonly input: number; readonly output: number; readonly most: number }
  /** Null where the model's price is unknown. */
  readonly moneyNanoUsd: number | null
  /** Calls of which the endpoint told no usage: they count as nothing above. */
  readonly untold: number
  readonly durationMs: number
  /** Calls to the model, by role. */
  readonly steps: Readonly<Record<string, number>>
  readonly corrections: readonly Correction[]
  readonly toolErrors: readonly { readonly role: string; readonly tool: string; readonly error: string }[]
  readonly findings: readonly { readonly severity: string; readonly seen: string }[]
  /** Where the run's files are, as long as the folder is kept. */
  readonly report: string | null
}

const TESTS_MS = 30_000

export type TrialOptions = Pick<RunOptions, 'model' | 'env' | 'prices'> & {
  /** A folder of its own. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** @throws as `run`; the signal's reason where it was stopped */
export async function tryJob(job: CheckJob, { folder, signal, ...options }: TrialOptions): Promise<Trial> {
  const workspace = join(folder, job.name)
  await writeFiles(workspace, await job.workspace())
  const corrections = createCorrections()
  const report = await run(codingJob({ goal: job.goal, workspace }), {
    ...options,
    signal,
    stateDir: join(folder, '.skein'),
    inMemory: true,
    timeoutMs: job.timeoutMs,
    limits: { ...NO_LIMITS, tokens: job.tokens },
    onCommit: corrections.commit,
  })
  signal.throwIfAborted()
  const changed = report.change === null ? [] : await applyChange(report.change, workspace)
  const unwanted = changed.filter((path) => !isInScope(job.files, treePath(path)))
  await writeFiles(workspace, await job.acceptance())
  const tests = await testsIn(workspace, folder, signal)
  const story = await storyIn(report)
  const { inputTokens: input, outputTokens: output } = report.spent
  return {
    job: job.name,
    ok:
      report.outcome === 'completed' &&
      tests.failed.length === 0 &&
      tests.passed > 0 &&
      unwanted.length === 0,
    ...{ outcome: report.outcome, reason: report.reason, tests, unwanted },
    tokens: { input, output, most: job.tokens },
    moneyNanoUsd: report.figures?.moneyNanoUsd ?? null,
    untold: report.figures?.untold ?? 0,
    durationMs: report.durationMs,
    steps: Object.fromEntries(
      Object.entries(report.figures?.byRole ?? {}).flatMap(([role, { calls }]) =>
        calls > 0 ? [[role, calls] as const] : [],
      ),
    ),
    corrections: corrections.all(),
    toolErrors: toolErrorsIn(story),
    findings: story === undefined ? [] : diagnose(story).map(({ severity, seen }) => ({ severity, seen })),
    report: report.report,
  }
}

async function testsIn(directory: string, folder: string, signal: AbortSignal): Promise<Trial['tests']> {
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  try {
    const ran = await runTests({ directory, home, clock: systemClock(), signal, timeoutMs: TESTS_MS })
    return { passed: ran.passed.length, failed: ran.failed.map(({ name }) => name) }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { passed: 0, failed: [error.message] }
  }
}

async function storyIn({ trace }: RunReport): Promise<Story | undefined> {
  return trace === null ? undefined : storyOf(traceTree((await readTraceFile(trace)).spans))
}

const toolErrorsIn = (story: Story | undefined): Trial['toolErrors'] =>
  (story?.effects ?? []).flatMap(({ error, conversation, node }) => {
    const tool = node.span.attributes[GEN_AI.toolName]
    return error === undefined || tool === undefined
      ? []
      : [{ role: conversation.role, tool: String(tool), error }]
  })
