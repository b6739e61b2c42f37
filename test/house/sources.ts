/** The files of the house and what each imports, as a parser reads them: for tests of the house's own rules. */
import { readdir, readFile } from 'node:fs/promises'
import { posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from '@babel/parser'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Of the tree that Babel's parser makes: enough to walk it. */
type Node = { readonly type: string; readonly [field: string]: unknown }

export type Source = {
  /** From the root, with slashes. */
  readonly path: string
  /** What it imports, in whatever form: relative ones as paths from the root, packages as they are named. */
  readonly imports: readonly string[]
  readonly nodes: readonly Node[]
}

/** Paths of all files below the root, but for what is installed, built or produced. */
export async function filesOf(root = ROOT): Promise<string[]> {
  const left = new Set(['.git', '.skein', 'coverage', 'dist', 'node_modules'])
  const files: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(posix.join(root.split(sep).join('/'), folder), {
      withFileTypes: true,
    })) {
      const path = posix.join(folder, entry.name)
      if (left.has(entry.name)) continue
      if (entry.isDirectory()) await walk(path)
      else if (entry.isFile()) files.push(path)
    }
  }
  await walk('')
  return files.sort()
}

/** The TypeScript files of some top-level folders. */
export async function sourcesOf(folders: readonly string[]): Promise<Source[]> {
  const paths = (await filesOf()).filter(
    (path) => path.endsWith('.ts') && folders.includes(path.split('/')[0]!),
  )
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(posix.join(ROOT, path), 'utf8')
      const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'] })
      const nodes = nodesIn(program)
      return { path, nodes, imports: nodes.flatMap((node) => importedBy(node, path)) }
    }),
  )
}

/** All of them, in one list: generators within generators would hand each node up through every level above it. */
function nodesIn(root: unknown): Node[] {
  const nodes: Node[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('type' in value && typeof value.type === 'string') nodes.push(value as Node)
    for (const child of Object.values(value)) walk(child)
  }
  walk(root)
  return nodes
}

/** `import … from`, `export … from`, `import()`, and `import()` as a type. */
function importedBy(node: Node, path: string): string[] {
  const isCall = node.type === 'CallExpression' && (node.callee as Node).type === 'Import'
  const source = isCall ? (node.arguments as readonly Node[])[0] : (node.source ?? node.argument)
  const isImport = isCall || /^(Import|Export\w+)Declaration$|^TSImportType$/.test(node.type)
  const name = isImport && (source as Node | null)?.value
  if (typeof name !== 'string') return []
  return [name.startsWith('.') ? posix.join(posix.dirname(path), name) : name]
}
