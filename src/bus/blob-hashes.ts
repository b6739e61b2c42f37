/** Hashes of blobs: of bytes, and those in a text. */
import { createHash } from 'node:crypto'
import { type BlobHash, blobHashSchema } from '../../protocols/ids.ts'

/** SHA-256. */
export const hashOf = (bytes: Uint8Array): BlobHash =>
  blobHashSchema.parse(createHash('sha256').update(bytes).digest('hex'))

const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/** In a record, a message or another blob. Whatever looks like the hash of a blob counts as one. */
export const hashesIn = (text: string): readonly BlobHash[] => (text.match(HASH) ?? []) as BlobHash[]
