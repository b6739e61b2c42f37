/** The tool that shows what the work of a run changed so far: which files, and how, against the tree before any work. */
import { z } from 'zod'
import { patchBetween } from './patch.ts'
import { changedPaths } from './scope.ts'
import { treeOf } from './source.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { only, readTree, type Tree, type TreePath, treePath } from './tree.ts'

const input = z.object({
  paths: z
    .array(z.string())
    .nullable()
    .describe('show the patch of these files only; null for all that changed'),
})

const output = z.object({
  files: z
    .array(z.object({ path: z.string(), change: z.enum(['added', 'changed', 'deleted']) }))
    .describe('all that changed, shown or not'),
  patch: z.string().describe('unified, from the workspace before any work to the one now'),
  notShown: z.array(z.string()).describe('changed files that had no room in the patch: ask for them by path'),
})

/** Characters of a patch that one call returns at most, in whole files. */
const LIMIT_CHARS = 48_000

/** `show_changes`. A file whose patch alone is too long is cut, and says so. */
export function showChanges(
  options: { readonly limitChars?: number } = {},
): Tool<typeof input, typeof output> {
  const { limitChars = LIMIT_CHARS } = options
  return defineTool({
    name: 'show_changes',
    description:
      'Shows what was changed in the workspace since the run began: the files, and a unified patch.',
    input,
    output,
    workspace: 'reads',
    async run({ paths }, context) {
      const { base, blobs } = context
      if (base === undefined) throw new ToolError('no-workspace', 'this run has no workspace to compare with')
      const [before, after] = [await readTree(blobs, base), await treeOf('workspace', context)]
      const changed = changedPaths(before, after)
      const wanted = paths === null ? changed : pick(changed, paths)
      let patch = ''
      const notShown: TreePath[] = []
      for (const path of wanted) {
        const { text } = await patchBetween(blobs, only(before, path), only(after, path))
        if (patch.length + text.length <= limitChars) patch += text
        else if (patch === '')
          patch = `${text.slice(0, limitChars)}\n[the rest of ${path} is left out: read the file]\n`
        else notShown.push(path)
      }
      return {
        output: {
          files: changed.map((path) => ({ path, change: how(before, after, path) })),
          patch,
          notShown,
        },
      }
    },
  })
}

function pick(changed: readonly TreePath[], paths: readonly string[]): TreePath[] {
  const wanted = paths.map(treePath)
  const same = wanted.find((path) => !changed.includes(path))
  if (same === undefined) return wanted
  throw new ToolError('no-change', `"${same}" was not changed; changed: ${changed.join(', ') || 'nothing'}`)
}

const how = (before: Tree, after: Tree, path: TreePath) =>
  before.has(path) ? (after.has(path) ? 'changed' : 'deleted') : 'added'
