/**
 * The tool by which a conversation's work and the run's head come together: what the conversation changed since it last
 * did so is merged into the head, and it goes on from there. It begins so, too, since nothing is changed then.
 */
import { z } from 'zod'
import { assertNever } from '../../protocols/errors.ts'
import { type BlobHash, blobHashSchema } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { initialiseHead, mergeIntoHead } from './head.ts'
import { mergeTrees } from './merge.ts'
import { previewOfMerge } from './merge-preview.ts'
import { changedPaths, withoutChanges } from './scope.ts'
import { defineTool, ToolError, type ToolOutcome } from './tool.ts'
import { readTree, type TreePath, writeTree } from './tree.ts'

const input = z.object({
  /** The head that the work began at; null: the workspace before any work. */
  base: blobHashSchema.nullable(),
})

const output = z.object({
  /** Of the run, now. */
  head: blobHashSchema,
  /** What somebody else had changed in the same places. Where there is any, nothing was merged. */
  overlap: z.array(z.string()),
})
export type Shared = z.output<typeof output>

/**
 * `share_work`. The call's tree is the head. Where the work overlaps with somebody else's, it is the head with the rest
 * of the work on top: the files that overlap are as the others left them.
 */
export const shareWork = defineTool({
  name: 'share_work',
  description: 'Merges the work into the head of the run, and goes on from there.',
  input,
  output,
  usesRecords: true,
  async preview({ base }, context) {
    const from = base ?? context.base
    if (from === undefined) return { text: 'would fail: this run has no workspace' }
    if (context.tree === from) return { text: 'goes on from the head of the run: nothing is changed yet' }
    return previewOfMerge({ base: from, checks: [], excused: [] }, context)
  },
  async run({ base: begunAt }, { blobs, records, run, conversation, tree, base: first, signal }) {
    if (tree === undefined || first === undefined)
      throw new ToolError(
        'no-workspace',
        'this run has no workspace to work on: begin it with one, as "skein ask --workspace DIR" does',
      )
    const base = begunAt ?? first
    const { tree: head } = await initialiseHead(records, run, first)
    if (tree === base) return { output: { head, overlap: [] }, tree: head }
    const work = { blobs, records, run, base, tree, signal }
    const check = async () => undefined
    const outcome = await mergeIntoHead<never>({ ...work, task: conversation, check })
    switch (outcome.kind) {
      case 'merged':
        return { output: { head: outcome.tree, overlap: [] }, tree: outcome.tree }
      case 'rejected':
        return assertNever(outcome.problem)
      case 'overlap': {
        const paths = outcome.conflicts.map(({ path }) => path)
        return onTop(blobs, { base, work: tree, head: outcome.head }, paths)
      }
    }
  },
})

/** The head with the work on top, but for these files; the head alone, where even that overlaps. */
async function onTop(
  blobs: Blobs,
  { base, work, head }: { readonly base: BlobHash; readonly work: BlobHash; readonly head: BlobHash },
  overlap: readonly TreePath[],
): Promise<ToolOutcome<Shared>> {
  const [before, after] = [await readTree(blobs, base), await readTree(blobs, work)]
  const rest = withoutChanges(before, after, overlap)
  const merge = await mergeTrees(blobs, { base: before, ours: await readTree(blobs, head), theirs: rest })
  if (merge.kind === 'merged')
    return { output: { head, overlap: [...overlap] }, tree: await writeTree(blobs, merge.tree) }
  return { output: { head, overlap: changedPaths(before, after) }, tree: head }
}
