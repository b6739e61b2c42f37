/** Blobs: bytes by the hash of their content. What is too big for a message travels as its hash. */
import type { BlobHash } from '../../protocols/ids.ts'

export interface Blobs {
  /** Stores bytes and returns their SHA-256. Storing them again costs a look-up. */
  put(bytes: Uint8Array): Promise<BlobHash>
  /** The bytes, checked against the hash, or undefined where the bus does not have them. */
  get(hash: BlobHash): Promise<Uint8Array | undefined>
}

export type StoredBlob = {
  readonly hash: BlobHash
  /** Its size. */
  readonly bytes: number
  /** When it was put, in milliseconds since 1970; of several times, one that is no more than an hour before the last. */
  readonly storedAt: number
}

/** Blobs as who cleans up has them. Nobody else needs more than `Blobs`. */
export interface BlobStore extends Blobs {
  /** All that there are, in no order that matters. */
  list(): Promise<readonly StoredBlob[]>
  /** Forgets a blob, for retention; where there is none, it does nothing. */
  remove(hash: BlobHash): Promise<void>
}
