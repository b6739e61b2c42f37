/**
 * Between a directory on disk and a tree. Ignore files are respected at every level, `.gitignore` first and
 * `.skeinignore` after it; what they leave out is not read at all.
 *
 * Links: a tree has none. One that leads to a file of the same import becomes a file with its content; any other (to
 * a folder, out of the directory, to an ignored file, to nowhere) is skipped and listed.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { locate } from './jail.ts'
import { ToolError } from './tool.ts'
import {
  isReserved,
  readBlob,
  readTree,
  type Tree,
  type TreeEntry,
  type TreePath,
  treePath,
  writeTree,
} from './tree.ts'

/** How much of a directory is taken in at most. */
export type ImportLimits = { readonly maxFiles: number; readonly maxBytes: number }

const IMPORT_LIMITS: ImportLimits = { maxFiles: 10_000, maxBytes: 100 * 2 ** 20 }

export type Imported = {
  readonly hash: BlobHash
  readonly tree: Tree
  /** Links and special files that were left out, sorted. */
  readonly skipped: readonly string[]
}

/** @throws ToolError `tool.no-directory`, `tool.too-large` */
export async function importDirectory(
  blobs: Blobs,
  directory: string,
  limits: ImportLimits = IMPORT_LIMITS,
): Promise<Imported> {
  const root = await realDirectory(directory)
  const tree = new Map<TreePath, TreeEntry>()
  const links: TreePath[] = []
  const skipped: string[] = []
  let bytes = 0

  async function add(path: TreePath): Promise<void> {
    const file = join(root, path)
    const { size, mode } = await stat(file)
    bytes += size
    if (tree.size >= limits.maxFiles || bytes > limits.maxBytes) throw tooLarge(directory, limits)
    tree.set(path, {
      hash: await blobs.put(await readFile(file)),
      mode: mode & 0o111 ? 'executable' : 'file',
    })
  }

  async function walk(folder: string, above: readonly Rules[]): Promise<void> {
    const entries = await readdir(join(root, folder), { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
    const rules = [{ folder, matcher: await matcherOf(join(root, folder), files) }, ...above]
    for (const entry of entries) {
      if (isReserved(entry.name)) continue
      const path = treePath(`${folder}/${entry.name}`.slice(folder === '' ? 1 : 0))
      if (isIgnored(path, entry.isDirectory(), rules)) continue
      if (entry.isDirectory()) await walk(path, rules)
      else if (entry.isFile()) await add(path)
      else if (entry.isSymbolicLink()) links.push(path)
      else skipped.push(path)
    }
  }

  await walk('', [])
  const files: Tree = new Map(tree)
  for (const link of links) {
    const target = await realpath(join(root, link)).catch(() => root)
    const entry = files.get(relative(root, target).split(sep).join('/') as TreePath)
    if (entry === undefined) skipped.push(link)
    else tree.set(link, entry)
  }
  return { hash: await writeTree(blobs, tree), tree, skipped: skipped.sort() }
}

/**
 * Writes a tree below a directory, which is made if need be, and never through a link. A file that has its content
 * already is not fetched again. Removes nothing: begin with an empty directory for an exact copy.
 * @throws ToolError `tool.jail` where a link is in the way
 */
export async function checkout(blobs: Blobs, hash: BlobHash, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const root = await realpath(directory)
  for (const [path, entry] of await readTree(blobs, hash)) {
    const file = join(root, path)
    if ((await locate(root, path)) !== file) {
      throw new ToolError(
        'jail',
        `"${path}" would be written through a link in "${directory}": remove the link`,
      )
    }
    if ((await hashOf(file)) !== entry.hash) {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, await readBlob(blobs, entry.hash), { flag: WRITE_NO_LINK })
    }
    await chmod(file, entry.mode === 'executable' ? 0o755 : 0o644)
  }
}

const WRITE_NO_LINK = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

/** One folder's ignore files. The list of them begins with the deepest, whose word counts most. */
type Rules = { readonly folder: string; readonly matcher: Ignore }

async function matcherOf(folder: string, files: readonly string[]): Promise<Ignore> {
  const matcher = ignore({ ignorecase: false })
  for (const name of ['.gitignore', '.skeinignore']) {
    if (files.includes(name)) matcher.add(await readFile(join(folder, name), 'utf8'))
  }
  return matcher
}

function isIgnored(path: TreePath, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, matcher } of rules) {
    const below = folder === '' ? path : path.slice(folder.length + 1)
    const { ignored, unignored } = matcher.test(isFolder ? `${below}/` : below)
    if (ignored || unignored) return ignored
  }
  return false
}

async function realDirectory(directory: string): Promise<string> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory()) return realpath(directory)
  const problem = found === undefined ? 'does not exist' : 'is not a directory'
  throw new ToolError('no-directory', `"${directory}" ${problem}: give the path of a directory`)
}

const tooLarge = (directory: string, { maxFiles, maxBytes }: ImportLimits): ToolError =>
  new ToolError(
    'too-large',
    `"${directory}" has more than ${maxFiles} files or ${maxBytes} bytes: list what is not needed in a .skeinignore`,
  )

const hashOf = (file: string): Promise<string | undefined> =>
  readFile(file).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex'),
    () => undefined,
  )
