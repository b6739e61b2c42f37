/** Which blobs are named: in a record, or in another blob (a tree names files, a folded transcript what came before). */
import { InvalidError } from '../../protocols/errors.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import { hashesIn } from '../bus/blob-hashes.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { RecordEntry } from '../bus/records.ts'
import { readable } from './readable.ts'

export function namedIn(bytes: Uint8Array): readonly BlobHash[] {
  return hashesIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'))
}

/** A dead letter keeps its body in base64. */
export function namedByRecord({ key, value }: RecordEntry): readonly BlobHash[] {
  if (!key.startsWith('dead.')) return namedIn(value)
  const [letter] = readable(() => JSON.parse(Buffer.from(value).toString()) as { body?: unknown } | null)
  const body = letter?.body
  return typeof body === 'string' ? namedIn(Buffer.from(body, 'base64')) : []
}

/** Blobs read at once. */
const IN_FLIGHT = 8

/** Adds what the blobs of the set name, and what that names. When the signal is aborted, the set is not whole. */
export async function addNamedByBlobs(
  named: Set<BlobHash>,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<void> {
  const unread = [...named]
  async function reading(): Promise<void> {
    for (let hash = unread.pop(); hash !== undefined && !signal.aborted; hash = unread.pop()) {
      for (const next of namedIn(await read(blobs, hash))) {
        if (named.has(next)) continue
        named.add(next)
        unread.push(next)
      }
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, reading))
}

/** One that is not there, or damaged, names nothing. */
async function read(blobs: Blobs, hash: BlobHash): Promise<Uint8Array> {
  try {
    return (await blobs.get(hash)) ?? new Uint8Array()
  } catch (error) {
    if (error instanceof InvalidError) return new Uint8Array()
    throw error
  }
}
