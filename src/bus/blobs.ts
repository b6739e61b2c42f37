/** Blobs: bytes by the hash of their content. What is too big for a message travels as its hash. */
import type { BlobHash } from '../../protocols/ids.ts'

export interface Blobs {
  /** Stores bytes and returns their SHA-256. Storing them again costs a look-up. */
  put(bytes: Uint8Array): Promise<BlobHash>
  /** The bytes, checked against the hash, or undefined where the bus does not have them. */
  get(hash: BlobHash): Promise<Uint8Array | undefined>
}
