/** The result: the run says that it completed, and its patch mends the workspace outside of skein. */
import type { Flown } from '../flown.ts'
import { applyPatch, copyOf, testsIn, type WorkspaceName } from '../workspace.ts'
import type { Finding } from './finding.ts'

/** @param folder that is not there yet, for a fresh copy */
export async function checkResult(
  { report, error, exitCode }: Flown,
  workspace: WorkspaceName,
  folder: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (report?.outcome !== 'completed' || exitCode !== 0) {
    const seen = `${report?.outcome ?? 'no report'}, exit code ${exitCode}: ${report?.reason ?? error}`
    return [{ check: 'the run completes', expected: 'completed, exit code 0', seen }]
  }
  const check = 'the patch makes the tests of a fresh copy pass'
  const expected = 'git apply and npm test end with 0'
  await copyOf(workspace, folder)
  const applied = await applyPatch(folder, report.patch!, signal)
  if (applied !== 0) return [{ check, expected, seen: `git apply ended with ${applied}` }]
  const tested = await testsIn(folder, signal)
  return tested === 0 ? [] : [{ check, expected, seen: `npm test ended with ${tested}` }]
}
