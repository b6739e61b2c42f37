/** The checks of a task, run on a tree: tests by their names, the whole suite, commands by their exit codes. */
import type { Check, CheckResult } from '../../protocols/task.ts'
import { isAllowed, listOf, WORKSPACE_COMMANDS } from './allowed-command.ts'
import { runCommand } from './command.ts'
import { runTests, type TestReport, type TestRun } from './test-report.ts'
import type { ToolContext } from './tool.ts'
import { atWorkbench } from './workbench.ts'

/** Milliseconds that one check may take. */
const CHECK_MS = 30_000
/** Characters kept of what a command printed. */
const KEPT = 500

/** What the suite as a whole is called among the results. */
export const SUITE = 'npm test'

export async function runChecks(
  { blobs, tree, scratch, nodeModules, clock, signal, sandbox }: ToolContext,
  checks: readonly Check[],
): Promise<CheckResult[]> {
  if (checks.length === 0) return []
  return atWorkbench(
    { blobs, tree: tree!, scratch, ...(nodeModules && { nodeModules }) },
    async ({ directory, home, readable }) => {
      const within = { directory, home, readable, clock, signal, sandbox, timeoutMs: CHECK_MS }
      const results: CheckResult[] = []
      for (const check of checks) results.push(...(await resultsOf(check, within)))
      return results
    },
  )
}

async function resultsOf(check: Check, within: TestRun): Promise<CheckResult[]> {
  switch (check.kind) {
    case 'tests':
      return testResults(await runTests({ ...within, names: check.names }))
    case 'suite':
      return suiteResults(await runTests(within))
    case 'command':
      return [await commandResult(check.argv, within)]
  }
}

const testResults = ({ passed, failed }: Pick<TestReport, 'passed' | 'failed'>): CheckResult[] => [
  ...passed.map((name) => ({ check: name, passed: true, detail: '' })),
  ...failed.map(({ name, error }) => ({ check: name, passed: false, detail: error })),
]

/** What fails, each by its name, since some of it may be excused; what passes, as one. */
function suiteResults({ ok, passed, failed, exitCode, output }: TestReport): CheckResult[] {
  const failures = testResults({ passed: [], failed })
  if (failures.length > 0) return failures
  const detail = ok ? `${passed.length} tests` : `it ended with ${exitCode}: ${output.slice(-KEPT)}`
  return [{ check: SUITE, passed: ok, detail }]
}

async function commandResult(
  argv: readonly string[],
  { directory, ...within }: TestRun,
): Promise<CheckResult> {
  const check = argv.join(' ')
  if (!isAllowed(WORKSPACE_COMMANDS, argv)) {
    const detail = `not allowed: choose one of ${listOf(WORKSPACE_COMMANDS)}`
    return { check, passed: false, detail }
  }
  const { exitCode, output } = await runCommand({ ...within, argv, cwd: directory })
  return { check, passed: exitCode === 0, detail: exitCode === 0 ? '' : output.slice(-KEPT) }
}
