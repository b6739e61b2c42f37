/** The tools that a machine, not its model, uses around work on the workspace: begin at the head, and merge into it. */
import { z } from 'zod'
import { blobHashSchema } from '../../protocols/ids.ts'
import { type CheckResult, checkResultSchema, checkSchema, filesSchema } from '../../protocols/task.ts'
import { initialiseHead, mergeIntoHead } from './head.ts'
import { previewOfMerge } from './merge-preview.ts'
import { runChecks } from './run-checks.ts'
import { withinScope } from './scope.ts'
import { defineTool, ToolError, type ToolOutcome } from './tool.ts'
import { readTree, writeTree } from './tree.ts'

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
  /** What the work may change: anything, unless it says so. */
  files: filesSchema.optional(),
})

const mergeOutput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merged'), head: blobHashSchema, checks: z.array(checkResultSchema) }),
  z.object({ kind: z.literal('overlap'), paths: z.array(z.string()) }),
  z.object({ kind: z.literal('rejected'), checks: z.array(checkResultSchema) }),
  /** It changed what is not its own to change. The call's tree is the work without that. */
  z.object({ kind: z.literal('outside'), paths: z.array(z.string()) }),
])
export type MergeReport = z.infer<typeof mergeOutput>

const MERGE_MS = 120_000

/** `merge_work`: merges the tree into the head of the run, once the checks hold on the merged tree. */
export const mergeWork = defineTool({
  name: 'merge_work',
  description: 'Merges the work into the head of the run.',
  input: mergeInput,
  output: mergeOutput,
  usesRecords: true,
  timeoutMs: MERGE_MS,
  worksOutside: true,
  preview: previewOfMerge,
  async run({ base, checks, excused, files }, context): Promise<ToolOutcome<MergeReport>> {
    const { blobs, records, run, conversation, tree, signal } = context
    if (tree === undefined) throw new ToolError('no-workspace', 'there is no tree to merge')
    if (files !== undefined) {
      const own = withinScope(await readTree(blobs, base), await readTree(blobs, tree), files)
      if (own.outside.length > 0)
        return {
          output: { kind: 'outside', paths: [...own.outside] },
          tree: await writeTree(blobs, own.tree),
        }
    }
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
