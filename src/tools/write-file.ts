/** The tool that writes a text file: it returns another tree and changes none. */
import { z } from 'zod'
import { assureOwn } from './scope.ts'
import { treeOf } from './source.ts'
import { encodeText } from './text.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { type TreePath, treePath, withFile, writeTree } from './tree.ts'

const input = z.object({
  path: z.string().describe('path from the root, like "src/index.js"; folders are made as needed'),
  text: z.string().describe('the whole new content of the file'),
})

const output = z.object({
  path: z.string(),
  bytes: z.number().int(),
  created: z.boolean().describe('whether the file is new'),
})

export type WriteFileOptions = {
  /** Files that the agent may write: all, unless it says otherwise. */
  readonly allow?: (path: TreePath) => boolean
  readonly limitBytes?: number
}

const LIMIT_BYTES = 2 ** 20

/** `write_file`. */
export function writeFile(options: WriteFileOptions = {}): Tool<typeof input, typeof output> {
  const { allow = () => true, limitBytes = LIMIT_BYTES } = options
  return defineTool({
    name: 'write_file',
    description: 'Writes a text file of the workspace: a new one, or in place of the one that is there.',
    input,
    output,
    preview: 'dry-run',
    workspace: 'changes',
    async run({ path: given, text }, context) {
      const path = treePath(given)
      assureOwn(path, allow)
      const bytes = encodeText(text)
      if (bytes.length > limitBytes) {
        throw new ToolError(
          'too-large',
          `"${path}" would have ${bytes.length} bytes, and ${limitBytes} are allowed: put part of it into another file`,
        )
      }
      const tree = await treeOf('workspace', context)
      const before = tree.get(path)
      const hash = await context.blobs.put(bytes)
      const after = withFile(tree, path, { hash, mode: before?.mode ?? 'file' })
      return {
        output: { path, bytes: bytes.length, created: before === undefined },
        tree: await writeTree(context.blobs, after),
      }
    },
  })
}
