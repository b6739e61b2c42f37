/**
 * What an agent has seen and said. Its last entries stand in the record; what came before them is folded into blobs,
 * each of which names the one before it, so that a record stays small however long an agent works.
 */

import { SkeinError } from '../../protocols/errors.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { TranscriptEntry } from '../model/model.ts'

/** As it stands in an agent's context. */
export type Transcript = {
  /** The blob of what came before. */
  readonly earlier: BlobHash | null
  readonly transcript: readonly TranscriptEntry[]
}

/** A fold that was made of the transcript as it was: its first entries are in a blob. */
export type Fold = { readonly after: BlobHash | null; readonly earlier: BlobHash; readonly entries: number }

/** Bytes of JSON that may stand in the record before they are folded: a read file or two. */
const IN_RECORD_BYTES = 32 * 1024

/** All entries, from the first one on. @throws SkeinError `role.transcript-lost` */
export async function wholeTranscript(
  { earlier, transcript }: Transcript,
  blobs: Blobs,
): Promise<readonly TranscriptEntry[]> {
  const parts = [transcript]
  for (let next = earlier; next !== null; ) {
    const bytes = await blobs.get(next)
    if (bytes === undefined) {
      throw new SkeinError('role.transcript-lost', `blob ${next}, of what the agent did before, is gone`)
    }
    const part = JSON.parse(Buffer.from(bytes).toString()) as Transcript
    parts.push(part.transcript)
    next = part.earlier
  }
  return parts.reverse().flat()
}

/** Puts the entries into a blob, where they have become too many for a record. */
export async function foldTranscript(
  { earlier, transcript }: Transcript,
  blobs: Blobs,
): Promise<Fold | undefined> {
  const bytes = Buffer.from(JSON.stringify({ earlier, transcript } satisfies Transcript))
  if (bytes.length <= IN_RECORD_BYTES) return undefined
  return { after: earlier, earlier: await blobs.put(bytes), entries: transcript.length }
}

/** The transcript without what the fold holds; as it is where the fold is of another one. */
export function folded({ earlier, transcript }: Transcript, fold: Fold | undefined): Transcript {
  if (fold === undefined || fold.after !== earlier) return { earlier, transcript }
  return { earlier: fold.earlier, transcript: transcript.slice(fold.entries) }
}
