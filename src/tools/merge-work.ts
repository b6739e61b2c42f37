/** The tools that a machine, not its model, uses around work on the workspace: begin at the head, and merge into it. */
import { z } from 'zod'
import { blobHashSchema } from '../../protocols/ids.ts'
import { type Check, type CheckResult, checkResultSchema, checkSchema } from '../../protocols/task.ts'
import { isAllowed, listOf, WORKSPACE_COMMANDS } from './allowed-command.ts'
import { runCommand } from './command.ts'
import { initialiseHead, mergeIntoHead } from './head.ts'
import { runTests } from './test-report.ts'
import { defineTool, type ToolContext, ToolError, type ToolOutcome } from './tool.ts'
import { atWorkbench } from './workbench.ts'

/** `begin_at_head`: the tree that all work merged so far has led to, to start from. */
export const beginAtHead = defineTool({
  name: 'begin_at_head',
  description: 'Starts from the head of the run.',
  input: z.object({}),
  output: z.object({ head: blobHashSchema }),
  usesRecords: true,
  async run(_input, { records, run, tree }) {
    if (tree === undefined) throw new ToolError('no-workspace', 'this run has no workspace to begin with')
    const { tree: head } = await initialiseHead(records, run, tree)
    return { output: { head }, tree: head }
  },
})

const mergeInput = z.object({
  base: blobHashSchema.describe('the head that the work began at'),
  checks: z.array(checkSchema),
  /** Tests that are known to fail for no fault of this work: they may go on failing. */
  excused: z.array(z.string()),
})

const mergeOutput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merged'), head: blobHashSchema, checks: z.array(checkResultSchema) }),
  z.object({ kind: z.literal('overlap'), paths: z.array(z.string()) }),
  z.object({ kind: z.literal('rejected'), checks: z.array(checkResultSchema) }),
])
export type MergeReport = z.infer<typeof mergeOutput>

const CHECK_MS = 30_000
const MERGE_MS = 120_000

/** `merge_work`: merges the tree into the head of the run, once the checks hold on the merged tree. */
export const mergeWork = defineTool({
  name: 'merge_work',
  description: 'Merges the work into the head of the run.',
  input: mergeInput,
  output: mergeOutput,
  usesRecords: true,
  timeoutMs: MERGE_MS,
  async run({ base, checks, excused }, context): Promise<ToolOutcome<MergeReport>> {
    const { blobs, records, run, conversation, tree, signal } = context
    if (tree === undefined) throw new ToolError('no-workspace', 'there is no tree to merge')
    let results: CheckResult[] = []
    const outcome = await mergeIntoHead({
      blobs,
      records,
      run,
      task: conversation,
      base,
      tree,
      signal,
      check: async (merged) => {
        results = await runChecks({ ...context, tree: merged }, checks)
        const holds = results.every(({ check, passed }) => passed || excused.includes(check))
        return holds ? undefined : results
      },
    })
    switch (outcome.kind) {
      case 'merged':
        return {
          output: { kind: 'merged', head: outcome.tree, checks: results },
          tree: outcome.tree,
          // What was checked is the merged tree, and it became the head since its checks hold.
          ...(results.length > 0 && { check: 'passed' }),
        }
      case 'overlap':
        return { output: { kind: 'overlap', paths: outcome.conflicts.map(({ path }) => path) } }
      case 'rejected':
        return { output: { kind: 'rejected', checks: outcome.problem } }
    }
  },
})

/** Runs the checks of a task on a tree: each test by name, each command by its exit code. */
async function runChecks(
  { blobs, tree, scratch, nodeModules, clock, signal }: ToolContext,
  checks: readonly Check[],
): Promise<CheckResult[]> {
  if (checks.length === 0) return []
  return atWorkbench(
    { blobs, tree: tree!, scratch, ...(nodeModules && { nodeModules }) },
    async ({ directory, home }) => {
      const results: CheckResult[] = []
      const within = { home, clock, signal, timeoutMs: CHECK_MS }
      for (const check of checks) {
        if (check.kind === 'command' && !isAllowed(WORKSPACE_COMMANDS, check.argv)) {
          const detail = `not allowed: choose one of ${listOf(WORKSPACE_COMMANDS)}`
          results.push({ check: check.argv.join(' '), passed: false, detail })
          continue
        }
        if (check.kind === 'command') {
          const { exitCode, output } = await runCommand({ ...within, argv: check.argv, cwd: directory })
          results.push({
            check: check.argv.join(' '),
            passed: exitCode === 0,
            detail: exitCode === 0 ? '' : output.slice(-500),
          })
          continue
        }
        const { passed, failed } = await runTests({ ...within, directory, names: check.names })
        for (const name of passed) results.push({ check: name, passed: true, detail: '' })
        for (const { name, error } of failed) results.push({ check: name, passed: false, detail: error })
      }
      return results
    },
  )
}
