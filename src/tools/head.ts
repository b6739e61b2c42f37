/**
 * The run's head: the tree that holds all work merged so far, as a record changed by compare-and-set. Anybody may
 * merge; nobody is in charge of it.
 *
 * H1. Every tree that becomes the head after the first was checked as a whole before, not only its parts, by whatever
 * checks its work has.
 * H2. A merge that was applied is not applied again: the record lists what it holds, by task.
 * H3. Who meets another's merge in between merges and checks anew.
 */
import { z } from 'zod'
import { SkeinError } from '../../protocols/errors.ts'
import { type BlobHash, blobHashSchema, type RunId } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Blobs } from '../bus/blobs.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { RecordKey, Records } from '../bus/records.ts'
import { type MergeConflict, mergeTrees } from './merge.ts'
import { decodeJson, encodeText } from './text.ts'
import { readTree, writeTree } from './tree.ts'

const headSchema = z.object({
  version: z.literal(1),
  tree: blobHashSchema,
  /** The last merge of each task, oldest first: what it brought, and the head that it had started from. */
  merged: z.array(z.object({ task: z.string(), tree: blobHashSchema, base: blobHashSchema })),
})
export type Head = z.infer<typeof headSchema>

/** How often a write is tried. Whoever loses to another's merge sees the run go on, so only a crowd gets here. */
const ATTEMPTS = 20

export const headKey = (run: RunId): RecordKey => `head.${run}`

/** The head, or undefined before there is one. @throws InvalidError `invalid.head` */
export async function readHead(records: Records, run: RunId): Promise<Head | undefined> {
  return (await readEntry(records, run)).head
}

/** Makes the tree the run's first head, and answers what the head is: another's, where somebody was before. */
export async function initialiseHead(records: Records, run: RunId, tree: BlobHash): Promise<Head> {
  const first: Head = { version: 1, tree, merged: [] }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { head } = await readEntry(records, run)
    if (head !== undefined) return head
    if (await tryAppend(records, run, first, 0)) return first
  }
  throw busy(run)
}

export type MergeRequest<Problem> = {
  readonly blobs: Blobs
  readonly records: Records
  readonly run: RunId
  readonly task: string
  /** The tree that the work started from: the head at that time. */
  readonly base: BlobHash
  readonly tree: BlobHash
  /** Looks at the merged tree and answers what is wrong with it, or undefined. May be called more than once. */
  readonly check: (tree: BlobHash) => Promise<Problem | undefined>
  readonly signal: AbortSignal
}

export type MergeOutcome<Problem> =
  /** The work is in the head, now or from an earlier attempt; `tree` is the head. */
  | { readonly kind: 'merged'; readonly tree: BlobHash }
  /** Somebody changed the same places since `base`. The work has to be done again from `head`. */
  | { readonly kind: 'overlap'; readonly head: BlobHash; readonly conflicts: readonly MergeConflict[] }
  /** It merges, and what comes of it does not pass. */
  | {
      readonly kind: 'rejected'
      readonly head: BlobHash
      readonly tree: BlobHash
      readonly problem: Problem
    }

/** @throws SkeinError `head.missing` before `initialiseHead`, `head.busy`; what the check or the bus throws */
export async function mergeIntoHead<Problem>(request: MergeRequest<Problem>): Promise<MergeOutcome<Problem>> {
  const { blobs, records, run, task, base, tree, check, signal } = request
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    signal.throwIfAborted()
    const { head, revision } = await readEntry(records, run)
    if (head === undefined) throw new SkeinError('head.missing', `run "${run}" has no head yet: give it one`)
    if (head.merged.some((entry) => entry.task === task && entry.tree === tree && entry.base === base)) {
      return { kind: 'merged', tree: head.tree } // H2: also how an unanswered write is looked up
    }
    const merge = await mergeTrees(blobs, {
      base: await readTree(blobs, base),
      ours: await readTree(blobs, head.tree),
      theirs: await readTree(blobs, tree),
    })
    if (merge.kind === 'overlap') return { kind: 'overlap', head: head.tree, conflicts: merge.conflicts }
    const merged = await writeTree(blobs, merge.tree)
    const problem = await check(merged) // H1
    if (problem !== undefined) return { kind: 'rejected', head: head.tree, tree: merged, problem }
    const others = head.merged.filter((entry) => entry.task !== task)
    const next: Head = { version: 1, tree: merged, merged: [...others, { task, tree, base }] }
    if (await tryAppend(records, run, next, revision)) return { kind: 'merged', tree: merged }
  }
  throw busy(run)
}

/** Whether the write was applied for certain. Where not, the record has to be read again. (H3) */
async function tryAppend(records: Records, run: RunId, head: Head, expected: number): Promise<boolean> {
  try {
    await records.append(headKey(run), encodeText(JSON.stringify(head)), expected)
    return true
  } catch (error) {
    if (error instanceof ConflictError || error instanceof AmbiguousError) return false
    throw error
  }
}

async function readEntry(
  records: Records,
  run: RunId,
): Promise<{ head: Head | undefined; revision: number }> {
  const entry = await records.read(headKey(run))
  if (entry === undefined) return { head: undefined, revision: 0 }
  const head = parseAs(headSchema, decodeJson(entry.value), 'head', `the head of run "${run}"`)
  return { head, revision: entry.revision }
}

const busy = (run: RunId): SkeinError =>
  new SkeinError(
    'head.busy',
    `the head of run "${run}" changed ${ATTEMPTS} times in the middle of a merge: try again`,
  )
