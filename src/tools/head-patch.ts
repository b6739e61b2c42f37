/** What the work of a run comes to: its head, and the patch that leads there from the workspace before any work. */
import type { BlobHash, RunId } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import { readHead } from './head.ts'
import { type Patch, patchBetween } from './patch.ts'
import { readTree } from './tree.ts'

export type HeadPatch = Patch & { readonly tree: BlobHash }

/**
 * Undefined where nothing was merged, or all of it was taken back.
 * @param base the workspace before any work; null in a run that has none
 * @throws InvalidError `invalid.head`, `invalid.tree`; SkeinError `blob.missing`
 */
export async function headPatch(
  run: RunId,
  base: BlobHash | null,
  { blobs, records }: Pick<Bus, 'blobs' | 'records'>,
): Promise<HeadPatch | undefined> {
  const head = base === null ? undefined : await readHead(records, run)
  if (base === null || head === undefined || head.tree === base) return undefined
  const patch = await patchBetween(blobs, await readTree(blobs, base), await readTree(blobs, head.tree))
  return { ...patch, tree: head.tree }
}
