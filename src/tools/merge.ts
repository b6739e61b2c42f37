/**
 * Merging three trees: by file where only one side changed it, by line where both did. Nothing is decided by guessing:
 * what both sides changed in the same place is a conflict, told with the text of both.
 */
import { diff3Merge } from 'node-diff3'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { decodeText, encodeText, linesOf } from './text.ts'
import { clashes, readBlob, type Tree, type TreeEntry, type TreePath } from './tree.ts'

export type MergeConflict = {
  readonly path: TreePath
  /**
   * `lines`: both changed the same lines; `added`: both added it, differently; `deleted`: one deleted what the other
   * changed; `binary`: both changed it and it is not text; `folder`: a file on one side is a folder on the other.
   */
  readonly reason: 'lines' | 'added' | 'deleted' | 'binary' | 'folder'
  /** The file with conflict markers, where it can be shown. */
  readonly text?: string
}

export type Merge =
  | { readonly kind: 'merged'; readonly tree: Tree }
  | { readonly kind: 'overlap'; readonly conflicts: readonly MergeConflict[] }

export type MergeInput = {
  /** What both sides started from. */
  readonly base: Tree
  readonly ours: Tree
  readonly theirs: Tree
}

/** Longer files that both sides changed are a conflict: comparing lines takes time that grows with their square. */
const LINES_LIMIT = 20_000

export async function mergeTrees(blobs: Blobs, { base, ours, theirs }: MergeInput): Promise<Merge> {
  const tree = new Map<TreePath, TreeEntry>()
  const conflicts: MergeConflict[] = []
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const sides = { base: base.get(path), ours: ours.get(path), theirs: theirs.get(path) }
    const merged = await mergeEntries(blobs, path, sides)
    if (merged === undefined) continue
    if ('reason' in merged) conflicts.push(merged)
    else tree.set(path, merged)
  }
  for (const { below } of clashes(tree)) conflicts.push({ path: below, reason: 'folder' })
  return conflicts.length > 0 ? { kind: 'overlap', conflicts } : { kind: 'merged', tree }
}

type Sides<Side> = { readonly base: Side | undefined; readonly ours: Side; readonly theirs: Side }

const same = (a: TreeEntry | undefined, b: TreeEntry | undefined) =>
  a?.hash === b?.hash && a?.mode === b?.mode

async function mergeEntries(
  blobs: Blobs,
  path: TreePath,
  { base, ours, theirs }: Sides<TreeEntry | undefined>,
): Promise<TreeEntry | MergeConflict | undefined> {
  if (same(ours, theirs) || same(theirs, base)) return ours
  if (same(ours, base)) return theirs
  if (ours === undefined || theirs === undefined) return { path, reason: 'deleted' }
  // There are two modes, so where both sides left the base's they agree.
  const mode = ours.mode === base?.mode ? theirs.mode : ours.mode
  if (ours.hash === theirs.hash || theirs.hash === base?.hash) return { hash: ours.hash, mode }
  if (ours.hash === base?.hash) return { hash: theirs.hash, mode }
  const merged = await mergeContents(blobs, path, { base: base?.hash, ours: ours.hash, theirs: theirs.hash })
  return typeof merged === 'string' ? { hash: await blobs.put(encodeText(merged)), mode } : merged
}

async function mergeContents(
  blobs: Blobs,
  path: TreePath,
  hashes: Sides<BlobHash>,
): Promise<string | MergeConflict> {
  const read = async (hash: BlobHash) => decodeText(await readBlob(blobs, hash))
  const base = hashes.base === undefined ? '' : await read(hashes.base)
  const ours = await read(hashes.ours)
  const theirs = await read(hashes.theirs)
  if (base === undefined || ours === undefined || theirs === undefined) return { path, reason: 'binary' }
  const reason = hashes.base === undefined ? 'added' : 'lines'
  const merged = mergeLines({ base: linesOf(base), ours: linesOf(ours), theirs: linesOf(theirs) })
  if (merged === undefined) return { path, reason }
  return merged.conflict ? { path, reason, text: merged.text } : merged.text
}

/** The merged text, with markers in it where it conflicts; undefined where it is too long to compare. */
function mergeLines(sides: {
  base: string[]
  ours: string[]
  theirs: string[]
}): { text: string; conflict: boolean } | undefined {
  const { base, ours, theirs } = sides
  if (Math.max(base.length, ours.length, theirs.length) > LINES_LIMIT) return undefined
  const blocks = diff3Merge(ours, base, theirs)
  const text = blocks.map(({ ok, conflict }) => {
    if (conflict === undefined) return (ok ?? []).join('')
    const { a, o, b } = conflict
    return `<<<<<<< ours\n${closed(a)}||||||| base\n${closed(o)}=======\n${closed(b)}>>>>>>> theirs\n`
  })
  return { text: text.join(''), conflict: blocks.some(({ conflict }) => conflict !== undefined) }
}

/** The lines with an end to the last one, so that a marker begins on a line of its own. */
const closed = (lines: readonly string[]): string => lines.join('').replace(/([^\n])$/, '$1\n')
