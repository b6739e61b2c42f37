/** The tool that finds what is still to be written: exported functions that only throw `not implemented`. */
import { posix } from 'node:path'
import { z } from 'zod'
import { parseModule } from './module/parse.ts'
import { stubsOf } from './module/stubs.ts'
import { treeOf } from './source.ts'
import { decodeText } from './text.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { readBlob, type TreePath } from './tree.ts'

const input = z.object({})

const output = z.object({
  stubs: z.array(
    z.object({
      file: z.string(),
      name: z.string().describe('name of the function as it is exported'),
      doc: z.string().describe('its doc comment; empty where it has none'),
      signature: z.string(),
      startLine: z.number().int().describe('line that it begins in, counted from 1, after its doc comment'),
      endLine: z.number().int(),
      dependsOn: z
        .array(z.object({ file: z.string(), name: z.string() }))
        .describe('stubs of other files that it may need, so that they are best written first'),
    }),
  ),
  unreadable: z
    .array(z.object({ file: z.string(), error: z.string() }))
    .describe('source files that are not text or do not parse'),
})

export type FindStubsOptions = {
  /** Files that the agent is not to see. */
  readonly hide?: (path: TreePath) => boolean
}

const SOURCE = /\.(jsx?|mjs|tsx?|mts)$/
const TEST_FILE = /\.(test|spec)\./
const TEST_FOLDERS = ['test', 'tests', '__tests__']

const isSource = (path: TreePath): boolean =>
  SOURCE.test(path) &&
  !TEST_FILE.test(posix.basename(path)) &&
  !posix
    .dirname(path)
    .split('/')
    .some((folder) => TEST_FOLDERS.includes(folder))

/** `find_stubs`. */
export function findStubs(options: FindStubsOptions = {}): Tool<typeof input, typeof output> {
  const { hide = () => false } = options
  return defineTool({
    name: 'find_stubs',
    description: 'Finds the functions of the workspace that are still to be written, and their order.',
    input,
    output,
    workspace: 'reads',
    async run(_, context) {
      const tree = await treeOf('workspace', context)
      const modules = []
      const unreadable = []
      for (const [file, { hash }] of tree) {
        if (!isSource(file) || hide(file)) continue
        const text = decodeText(await readBlob(context.blobs, hash))
        try {
          if (text === undefined) throw new ToolError('not-text', `"${file}" is not a text file`)
          modules.push(parseModule(text, file))
        } catch (error) {
          if (!(error instanceof ToolError)) throw error
          unreadable.push({ file, error: error.message })
        }
      }
      const stubs = stubsOf(modules).map(({ file, declaration, dependsOn }) => {
        const { name, doc, signature, startLine, endLine } = declaration
        const before = dependsOn.map((stub) => ({ file: stub.file, name: stub.declaration.name }))
        return { file, name, doc, signature, startLine, endLine, dependsOn: before }
      })
      return { output: { stubs, unreadable } }
    },
  })
}
