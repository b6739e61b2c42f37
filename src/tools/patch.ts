/**
 * The difference between two trees as a patch that both `git apply` and `patch -p1` take: unified, with git's extended
 * headers for new, deleted and empty files and for the executable bit. What is not text cannot be put in it and is
 * listed instead. `patch`, unlike git, cannot put a file where a folder was, nor a folder where a file was.
 */
import { formatPatch, type StructuredPatchHunk, structuredPatch } from 'diff'
import type { Blobs } from '../bus/blobs.ts'
import { decodeText } from './text.ts'
import { readBlob, type Tree, type TreeEntry, type TreePath } from './tree.ts'

export type Patch = {
  /** Empty where nothing changed. */
  readonly text: string
  /** Changed files that are not text, before or after: the patch leaves them as they are. */
  readonly binary: readonly TreePath[]
}

const CONTEXT_LINES = 3 // as diff -u and git have it

export async function patchBetween(blobs: Blobs, before: Tree, after: Tree): Promise<Patch> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  const parts: string[] = []
  const binary: TreePath[] = []
  for (const path of paths) {
    const part = await filePatch(blobs, path, before.get(path), after.get(path))
    if (part === 'binary') binary.push(path)
    else parts.push(part)
  }
  return { text: parts.join(''), binary }
}

/** Changed lines above which a file is replaced as a whole: finding the smallest change takes their square. */
const CHANGED_LINES_LIMIT = 2_000

async function filePatch(
  blobs: Blobs,
  path: TreePath,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
): Promise<string | 'binary'> {
  if (before?.hash === after?.hash && before?.mode === after?.mode) return ''
  const hunks = await hunksBetween(blobs, before, after)
  if (hunks === undefined) return 'binary'
  const patch = formatPatch({
    isGit: true,
    oldFileName: before ? `a/${path}` : '/dev/null',
    newFileName: after ? `b/${path}` : '/dev/null',
    oldHeader: undefined,
    newHeader: undefined,
    ...(before === undefined && { isCreate: true }),
    ...(after === undefined && { isDelete: true }),
    ...(before?.mode !== after?.mode && { oldMode: modeOf(before), newMode: modeOf(after) }),
    hunks,
  })
  if (after === undefined && hunks.length === 0) return patch + EMPTY_FILE_DELETED
  return path.includes(' ') ? withClosedNames(patch) : patch
}

/** Git's name for the empty file, then none: `patch` takes a file to be gone already without it. */
const EMPTY_FILE_DELETED = 'index e69de29..0000000\n'

/** A tab after the names in the header, as git has it: without one, `patch` takes a name to end at its first space. */
const withClosedNames = (patch: string): string =>
  patch.replace(/^--- .*\n\+\+\+ .*(?=\n@@)/m, (names) => names.replace(/$/gm, '\t'))

/** Undefined where one of them is not text. */
async function hunksBetween(
  blobs: Blobs,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
): Promise<StructuredPatchHunk[] | undefined> {
  if (before?.hash === after?.hash) return []
  const read = async (entry: TreeEntry | undefined) =>
    entry === undefined ? '' : decodeText(await readBlob(blobs, entry.hash))
  const [from, to] = [await read(before), await read(after)]
  if (from === undefined || to === undefined) return undefined
  const options = { context: CONTEXT_LINES, maxEditLength: CHANGED_LINES_LIMIT }
  return structuredPatch('', '', from, to, undefined, undefined, options)?.hunks ?? [replacement(from, to)]
}

function replacement(from: string, to: string): StructuredPatchHunk {
  const [removed] = structuredPatch('', '', from, '').hunks
  const [added] = structuredPatch('', '', '', to).hunks
  return {
    oldStart: 1,
    oldLines: removed?.oldLines ?? 0,
    newStart: 1,
    newLines: added?.newLines ?? 0,
    lines: [...(removed?.lines ?? []), ...(added?.lines ?? [])],
  }
}

const modeOf = (entry: TreeEntry | undefined): string | undefined =>
  entry && (entry.mode === 'executable' ? '100755' : '100644')
