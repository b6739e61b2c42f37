/** Hashes of blobs in a text: in a record, a message or another blob. Whatever looks like one counts as one. */
import type { BlobHash } from '../../protocols/ids.ts'

const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

export const hashesIn = (text: string): readonly BlobHash[] => (text.match(HASH) ?? []) as BlobHash[]
