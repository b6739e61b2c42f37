/** The tool that lists the files of the workspace, or of the documents. */
import { z } from 'zod'
import { type Source, treeOf } from './source.ts'
import { defineTool, type Tool } from './tool.ts'
import { type TreePath, treePath } from './tree.ts'

const input = z.object({
  folder: z.string().nullable().describe('list only what lies below this folder, like "src"; null for all'),
})

const output = z.object({
  files: z.array(z.string()).describe('paths from the root, sorted'),
  more: z.number().int().min(0).describe('how many further files are not listed: ask for a folder'),
})

export type ListFilesOptions = {
  /** What it lists: the workspace unless it says `documents`. */
  readonly of?: Source
  /** Files that the agent is not to see. */
  readonly hide?: (path: TreePath) => boolean
  /** How many files it names at most. */
  readonly limit?: number
}

const LIMIT = 1_000

/** What models write for the root besides null; as a path it would name no file. */
const ROOT = ['', '.', './', '/']

/** `list_files`, or `list_documents`. */
export function listFiles(options: ListFilesOptions = {}): Tool<typeof input, typeof output> {
  const { of = 'workspace', hide = () => false, limit = LIMIT } = options
  return defineTool({
    name: of === 'workspace' ? 'list_files' : 'list_documents',
    description: `Lists the paths of the ${of === 'workspace' ? 'files in the workspace' : 'documents'}.`,
    input,
    output,
    async run({ folder }, context) {
      const tree = await treeOf(of, context)
      const below = folder === null || ROOT.includes(folder) ? '' : `${treePath(folder)}/`
      const files = [...tree.keys()].filter((path) => path.startsWith(below) && !hide(path)).sort()
      return { output: { files: files.slice(0, limit), more: Math.max(0, files.length - limit) } }
    },
  })
}
