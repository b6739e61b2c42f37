/**
 * The blobs that a recording needs: what the journal names, and what those name in turn. Of a tree only the files that
 * are not as the run found them, before and after: a workspace is not copied into a recording.
 */
import { InvalidError } from '../../protocols/errors.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import { hashesIn } from '../bus/blob-hashes.ts'
import type { Blobs } from '../bus/blobs.ts'
import { decodeText } from '../tools/text.ts'
import { readTree, type Tree } from '../tools/tree.ts'
import type { RecordedBlob } from './recording.ts'

/**
 * Sorted by hash. A hash that no blob has is passed over.
 * @param texts in which hashes are looked for
 * @param except is not looked into: its files are not the run's
 */
export async function recordedBlobs(
  blobs: Blobs,
  texts: Iterable<string>,
  { base, except }: { readonly base: BlobHash | null; readonly except: BlobHash | null },
): Promise<readonly RecordedBlob[]> {
  const found = new Map<BlobHash, RecordedBlob>()
  const before = base === null ? undefined : await treeOf(blobs, base)
  const open = [...texts].flatMap(hashesIn)
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (found.has(hash) || (hash === except && hash !== base)) continue
    const bytes = await blobs.get(hash)
    if (bytes === undefined) continue
    const text = decodeText(bytes)
    found.set(hash, {
      ...{ kind: 'blob', hash },
      ...(text === undefined ? { base64: Buffer.from(bytes).toString('base64') } : { text }),
    })
    if (text === undefined) continue
    const tree = await treeOf(blobs, hash)
    open.push(...(tree === undefined ? hashesIn(text) : changedIn(tree, before)))
  }
  return [...found.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1))
}

function changedIn(tree: Tree, before: Tree = new Map()): BlobHash[] {
  const paths = new Set([...tree.keys(), ...before.keys()])
  return [...paths].flatMap((path) => {
    const [was, is] = [before.get(path)?.hash, tree.get(path)?.hash]
    return was === is ? [] : [was, is].filter((hash) => hash !== undefined)
  })
}

/** Undefined for what is no tree. */
async function treeOf(blobs: Blobs, hash: BlobHash): Promise<Tree | undefined> {
  try {
    return await readTree(blobs, hash)
  } catch (error) {
    if (error instanceof InvalidError) return undefined
    throw error
  }
}
