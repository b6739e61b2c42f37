/** The tool that tells which modules of the workspace a file uses: those it imports, and those that they import. */
import { z } from 'zod'
import { findModule, importsOf } from './module/imports.ts'
import { parseModule } from './module/parse.ts'
import { treeOf } from './source.ts'
import { decodeText } from './text.ts'
import { defineTool, ToolError } from './tool.ts'
import { readBlob, treePath } from './tree.ts'

const input = z.object({
  files: z.array(z.string()).min(1).describe('files to begin with, like "test/index.test.js"'),
})

const output = z.object({
  uses: z.array(
    z.object({ file: z.string(), modules: z.array(z.string()).describe('paths of modules, sorted') }),
  ),
})

/** `trace_imports`. A file that does not parse uses nothing, as far as can be seen. */
export const traceImports = defineTool({
  name: 'trace_imports',
  description: 'Tells which modules of the workspace files use, directly and through other modules.',
  input,
  output,
  workspace: 'reads',
  async run({ files }, context) {
    const tree = await treeOf('workspace', context)
    const paths: ReadonlySet<string> = new Set(tree.keys())
    const imports = new Map<string, readonly string[]>()

    async function importedBy(file: string): Promise<readonly string[]> {
      const known = imports.get(file)
      if (known !== undefined) return known
      const text = decodeText(await readBlob(context.blobs, tree.get(treePath(file))!.hash))
      const found = text === undefined ? [] : modulesIn(text, file, (path) => paths.has(path))
      imports.set(file, found)
      return found
    }

    const uses = []
    for (const file of files) {
      if (!paths.has(file))
        throw new ToolError('no-file', `there is no "${file}" in the workspace: list the files first`)
      const reached = new Set<string>([file])
      for (const module of reached) for (const next of await importedBy(module)) reached.add(next)
      reached.delete(file)
      uses.push({ file, modules: [...reached].sort() })
    }
    return { output: { uses } }
  },
})

function modulesIn(text: string, file: string, exists: (path: string) => boolean): string[] {
  try {
    return importsOf(parseModule(text, file)).flatMap((imported) => findModule(imported.file, exists) ?? [])
  } catch (error) {
    if (error instanceof ToolError) return []
    throw error
  }
}
