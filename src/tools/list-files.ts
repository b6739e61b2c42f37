/** The tool that lists the files of the workspace, or of the documents. */
import { z } from 'zod'
import { globs } from './glob.ts'
import { type Source, treeOf } from './source.ts'
import { defineTool, type Tool } from './tool.ts'
import { type TreePath, treePath } from './tree.ts'

const input = z.object({
  folder: z.string().nullable().describe('list only what lies below this folder, like "src"; null for all'),
  glob: z
    .string()
    .nullable()
    .describe('list only files that it names, like "*.test.ts" or "src/**/*.ts"; null for all'),
  depth: z
    .number()
    .int()
    .min(1)
    .nullable()
    .describe(
      'how many levels to list: 1 lists the files of the folder itself, and its folders; null for all',
    ),
})

const output = z.object({
  files: z.array(z.string()).describe('paths from the root, sorted'),
  folders: z
    .array(z.object({ path: z.string(), files: z.number().int().describe('files below it') }))
    .optional()
    .describe('folders whose files are not all listed'),
  more: z
    .number()
    .int()
    .min(0)
    .describe('how many further files are not listed: ask for a folder, or by glob'),
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
    description:
      `Lists the paths of the ${of === 'workspace' ? 'files in the workspace' : 'documents'}, ` +
      'all of them or by folder, glob and depth.',
    input,
    output,
    workspace: of === 'workspace' ? 'reads' : undefined,
    async run({ folder, glob, depth }, context) {
      const tree = await treeOf(of, context)
      const below = folder === null || ROOT.includes(folder) ? '' : `${treePath(folder)}/`
      const isNamed = glob === null || glob === '' ? () => true : globs([glob])
      const all = [...tree.keys()]
        .filter((path) => path.startsWith(below) && isNamed(path) && !hide(path))
        .sort()
      const levels = (path: string) => path.slice(below.length).split('/').length
      const near = depth === null ? all : all.filter((path) => levels(path) <= depth)
      const files = near.slice(0, limit)
      const listed = new Set(files)
      const folders = foldersOf(
        all.filter((path) => !listed.has(path)),
        below,
        depth ?? 1,
      ).slice(0, limit)
      return {
        output: { files, ...(folders.length > 0 && { folders }), more: all.length - files.length },
      }
    },
  })
}

/** The folders at that depth, or above it, that the files lie in. */
function foldersOf(paths: readonly TreePath[], below: string, depth: number) {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const names = path.slice(below.length).split('/').slice(0, -1).slice(0, depth)
    if (names.length === 0) continue
    const folder = `${below}${names.join('/')}/`
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, files]) => ({ path, files }))
}
