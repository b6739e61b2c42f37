/**
 * Previews: what a call would change, for a person who has to approve it. How each tool says it is its own; here is what
 * several of them say alike, and what a tool's dry run comes to.
 */
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { patchBetween } from './patch.ts'
import { changedPaths } from './scope.ts'
import { type Preview, type Tool, type ToolContext, ToolError } from './tool.ts'
import { only, readTree, type Tree, type TreePath } from './tree.ts'

export type Changes = {
  /** `2 files, +12 −3` */
  readonly summary: string
  /** A line for each file. */
  readonly files: readonly string[]
  readonly patch: string
}

/** What is different between two trees. */
export async function changesBetween(blobs: Blobs, before: Tree, after: Tree): Promise<Changes> {
  const files: string[] = []
  const total = { added: 0, removed: 0 }
  let whole = ''
  for (const path of changedPaths(before, after)) {
    const { text, binary } = await patchBetween(blobs, only(before, path), only(after, path))
    const { added, removed } = linesIn(text)
    total.added += added
    total.removed += removed
    whole += text
    const how = binary.length > 0 ? 'not text, and not in the patch' : `+${added} −${removed}`
    files.push(`  ${nameText(path)}  ${how}${howChanged(before, after, path)}`)
  }
  const summary =
    files.length === 0
      ? 'no file changes'
      : `${files.length} file${files.length === 1 ? '' : 's'}, +${total.added} −${total.removed}`
  return { summary, files, patch: whole }
}

/** Lines of a patch of one file that are added and removed; those of its header count as none. */
function linesIn(patch: string): { readonly added: number; readonly removed: number } {
  const hunks = patch.slice(Math.max(0, patch.search(/^@@ /m)))
  if (!hunks.startsWith('@@')) return { added: 0, removed: 0 }
  const count = (mark: RegExp) => hunks.match(mark)?.length ?? 0
  return { added: count(/^\+/gm), removed: count(/^-/gm) }
}

function howChanged(before: Tree, after: Tree, path: TreePath): string {
  const [old, now] = [before.get(path), after.get(path)]
  if (old === undefined) return now?.mode === 'executable' ? ', new, executable' : ', new'
  if (now === undefined) return ', deleted'
  if (old.mode === now.mode) return ''
  return now.mode === 'executable' ? ', made executable' : ', no longer executable'
}

/** A name with a line break in it would look like another line. */
export const nameText = (path: TreePath): string =>
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path) ? JSON.stringify(path) : path

/** A command line as it is typed; what a shell would take apart stands in quotes. */
export const commandText = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')

/** Of a call that runs code of the workspace: what of that the run has written, and whether it is contained. */
export async function workPreview(what: string, context: ToolContext): Promise<Preview> {
  const { blobs, tree, base, sandbox } = context
  const where = sandbox === undefined ? 'contained by no sandbox' : `in a sandbox (${sandbox.name})`
  const title = `${what}, ${where}`
  if (tree === undefined || base === undefined) return { text: title }
  const { summary, files, patch } = await changesOf(blobs, base, tree)
  return { text: [title, `the workspace as the run has changed it: ${summary}`, ...files].join('\n'), patch }
}

const changesOf = async (blobs: Blobs, before: BlobHash, after: BlobHash): Promise<Changes> =>
  changesBetween(blobs, await readTree(blobs, before), await readTree(blobs, after))

/** What a tool says of a call, undefined where it says nothing. @throws whatever the tool throws */
export async function previewOf(
  { preview, run }: Tool,
  input: unknown,
  context: ToolContext,
): Promise<Preview | undefined> {
  if (preview === undefined) return undefined
  if (preview !== 'dry-run') return preview(input, context)
  const { blobs, tree } = context
  try {
    const outcome = await run(input, context)
    const after = outcome.tree ?? tree
    if (tree === undefined || after === undefined) return { text: 'changes no file' }
    const { summary, files, patch } = await changesOf(blobs, tree, after)
    return { text: [`changes the workspace of the agent: ${summary}`, ...files].join('\n'), patch }
  } catch (error) {
    if (error instanceof ToolError) return { text: `would fail: ${error.message}` }
    throw error
  }
}
