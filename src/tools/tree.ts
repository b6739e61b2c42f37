/**
 * A tree: the files of a workspace by path, each as the hash of its content. The tree is itself a blob, so one hash
 * says all of it. It holds no links, no empty folders and no times. It owns no disk: see `directory`.
 *
 * W1. Every path of a tree came through `treePath`.
 * W2. No file of a tree lies below another file of it.
 * W3. The same files give the same hash.
 */
import { z } from 'zod'
import { InvalidError, SkeinError } from '../../protocols/errors.ts'
import { type BlobHash, blobHashSchema } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Blobs } from '../bus/blobs.ts'
import { decodeJson, encodeText } from './text.ts'
import { ToolError } from './tool.ts'

/** Relative, with `/`, normalised: `src/index.js`. */
export type TreePath = string & z.core.$brand<'TreePath'>

export type TreeEntry = { readonly hash: BlobHash; readonly mode: 'file' | 'executable' }

export type Tree = ReadonlyMap<TreePath, TreeEntry>

/** Folders that belong to a machine, not to the work; a file written into `.git` could run as a hook. */
const RESERVED = ['.git', '.skein', 'node_modules']

/** Whether a file or folder of this name is kept out of every tree. */
export const isReserved = (name: string): boolean => RESERVED.includes(name.toLowerCase())

const NAME_LIMIT_BYTES = 255 // NAME_MAX of Linux, macOS and Windows
const PATH_LIMIT_BYTES = 1000 // PATH_MAX is 1024 on macOS, and a checkout has a folder of its own in front

/**
 * A path as trees have it. (W1)
 * @throws ToolError `tool.jail` for what leads out, or cannot be on every disk
 */
export function treePath(text: string): TreePath {
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  const path = segments.join('/')
  const problem = problemOf(text, segments, path)
  if (problem === undefined) return path as TreePath
  throw new ToolError(
    'jail',
    `${JSON.stringify(text)} is not a path in the workspace: ${problem}. Name it from the root, like "src/index.js"`,
  )
}

function problemOf(text: string, segments: readonly string[], path: string): string | undefined {
  if (text.startsWith('/')) return 'it is absolute'
  if (segments.includes('..')) return 'it leads upwards'
  if (/[\\\0]/.test(text)) return 'it has a backslash or a NUL in it'
  // What is not UTF-8 on the disk, or half a surrogate pair, arrives as U+FFFD.
  if (Buffer.from(text).toString().includes('\uFFFD')) return 'it is not valid Unicode'
  if (path === '') return 'it names no file'
  if (segments.some(isReserved))
    return `${RESERVED.map((name) => `"${name}"`).join(', ')} are never part of one`
  const longest = Math.max(...segments.map((segment) => Buffer.byteLength(segment)))
  if (longest > NAME_LIMIT_BYTES || Buffer.byteLength(path) > PATH_LIMIT_BYTES) return 'it is too long'
  return undefined
}

/** Files that lie below another file of the tree, so that no disk can hold both. (W2) */
export function clashes(tree: Tree): { readonly file: TreePath; readonly below: TreePath }[] {
  return [...tree.keys()].flatMap((below) => {
    const segments = below.split('/')
    const folders = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/') as TreePath)
    const file = folders.find((folder) => tree.has(folder))
    return file === undefined ? [] : [{ file, below }]
  })
}

/** @throws ToolError `tool.clash` where a file would lie below a file (W2) */
export function withFile(tree: Tree, path: TreePath, entry: TreeEntry): Tree {
  const next = new Map(tree).set(path, entry)
  const [clash] = clashes(next)
  if (clash === undefined) return next
  throw new ToolError(
    'clash',
    `"${clash.file}" and "${clash.below}" cannot both be files: choose another path`,
  )
}

/** The tree with no more than one file of it, where it has that. */
export function only(tree: Tree, path: TreePath): Tree {
  const entry = tree.get(path)
  return new Map(entry === undefined ? [] : [[path, entry]])
}

const pathSchema = z.custom<TreePath>((value) => {
  try {
    return typeof value === 'string' && treePath(value) === value
  } catch {
    return false
  }
}, 'must be a normalised path')

const treeSchema = z.object({
  version: z.literal(1),
  files: z.array(z.tuple([pathSchema, z.enum(['file', 'executable']), blobHashSchema])),
})

/** Stores the tree and returns its hash: the paths are sorted by code unit. (W3) */
export function writeTree(blobs: Blobs, tree: Tree): Promise<BlobHash> {
  const files = [...tree]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { mode, hash }]) => [path, mode, hash])
  return blobs.put(encodeText(JSON.stringify({ version: 1, files })))
}

/** @throws InvalidError `invalid.tree` where the blob is something else; SkeinError `blob.missing` */
export async function readTree(blobs: Blobs, hash: BlobHash): Promise<Tree> {
  const bytes = await readBlob(blobs, hash)
  const { files } = parseAs(treeSchema, decodeJson(bytes), 'tree', `tree ${hash}`)
  const tree: Tree = new Map(files.map(([path, mode, content]) => [path, { hash: content, mode }]))
  if (tree.size < files.length || clashes(tree).length > 0) {
    throw new InvalidError('tree', `tree ${hash} names a path twice, or a file below a file`)
  }
  return tree
}

/** A blob that must be there. @throws SkeinError `blob.missing` */
export async function readBlob(blobs: Blobs, hash: BlobHash): Promise<Uint8Array> {
  const bytes = await blobs.get(hash)
  if (bytes !== undefined) return bytes
  throw new SkeinError(
    'blob.missing',
    `blob ${hash} is not on the bus: it expired, or belongs to another server`,
  )
}
