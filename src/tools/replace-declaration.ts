/** The tool that puts a candidate in the place of an exported declaration, one after another without leaving traces. */
import { z } from 'zod'
import { exportedNames, findModule, importsOf } from './module/imports.ts'
import { type Module, parseModule } from './module/parse.ts'
import { replaceDeclaration } from './module/replacement.ts'
import { assureOwn } from './scope.ts'
import { treeOf } from './source.ts'
import { decodeText, encodeText } from './text.ts'
import { defineTool, type Tool, type ToolContext, ToolError } from './tool.ts'
import { readBlob, type Tree, type TreePath, treePath, withFile, writeTree } from './tree.ts'

const input = z.object({
  file: z.string().describe('path of the module from the root, like "src/words.js"'),
  name: z.string().describe('name of the export to replace'),
  code: z
    .string()
    .describe('module source that exports that name, with the private helpers and the imports that it needs'),
})

const output = z.object({
  file: z.string(),
  name: z.string(),
  replaced: z.literal(true),
  helpers: z.array(z.string()).describe('names of the private helpers that came with it'),
})

export type ReplaceDeclarationOptions = {
  /** Files that the agent may write: all, unless it says otherwise. */
  readonly allow?: (path: TreePath) => boolean
}

/** `replace_declaration`. */
export function replaceDeclarationTool(
  options: ReplaceDeclarationOptions = {},
): Tool<typeof input, typeof output> {
  const { allow = () => true } = options
  return defineTool({
    name: 'replace_declaration',
    description:
      'Puts code in the place of an exported function or other declaration of a module. Its doc comment stays; ' +
      'helpers and imports that only the old one used go with it.',
    input,
    output,
    preview: 'dry-run',
    workspace: 'changes',
    async run({ file, name, code }, context) {
      const path = treePath(file)
      assureOwn(path, allow)
      const tree = await treeOf('workspace', context)
      const before = await textIn(tree, path, context)
      const { text, helpers } = replaceDeclaration(before, path, name, code)
      await refuseDeadImports(parseModule(before, path), parseModule(text, path), tree, context)
      const hash = await context.blobs.put(encodeText(text))
      const after = withFile(tree, path, { hash, mode: tree.get(path)!.mode })
      return {
        output: { file: path, name, replaced: true as const, helpers: [...helpers] },
        tree: await writeTree(context.blobs, after),
      }
    },
  })
}

async function textIn(tree: Tree, path: TreePath, { blobs }: ToolContext): Promise<string> {
  const entry = tree.get(path)
  if (entry === undefined) {
    throw new ToolError('no-file', `there is no "${path}" in the workspace: list the files first`)
  }
  const text = decodeText(await readBlob(blobs, entry.hash))
  if (text === undefined) throw new ToolError('not-text', `"${path}" is not a text file`)
  return text
}

/** Imports of the workspace's own modules stay (see `replacement`), so one that cannot work would break what follows. */
async function refuseDeadImports(
  before: Module,
  after: Module,
  tree: Tree,
  context: ToolContext,
): Promise<void> {
  const old = importsOf(before)
  const added = importsOf(after).filter(
    ({ file, name }) => !old.some((one) => one.file === file && one.name === name),
  )
  for (const { file, name } of added) {
    const found = findModule(file, (path) => tree.has(path as TreePath)) as TreePath | undefined
    if (found === undefined) {
      throw new ToolError('no-module', `the code imports "${file}", which is not in the workspace`)
    }
    if (name === '*' || !/\.[mc]?[jt]sx?$/.test(found)) continue
    const names = exportedNames(parseModule(await textIn(tree, found, context), found))
    // A module without exports is CommonJS: what that exports is known when it runs.
    if (names.size === 0 || names.has('*') || names.has(name)) continue
    throw new ToolError('no-module', `the code imports "${name}" from "${found}", which does not export it`)
  }
}
