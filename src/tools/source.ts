/** Where the files come from that a tool shows: the workspace that is worked on, or the documents of the run. */

import { type ToolContext, ToolError } from './tool.ts'
import { readTree, type Tree } from './tree.ts'

export type Source = 'workspace' | 'documents'

/** @throws ToolError `tool.no-workspace`, `tool.no-documents` */
export async function treeOf(source: Source, context: ToolContext): Promise<Tree> {
  const hash = source === 'workspace' ? context.tree : context.documents
  if (hash === undefined) throw new ToolError(`no-${source}`, `this run has no ${source}: answer without`)
  return readTree(context.blobs, hash)
}
