/** The name of a JSON value by what it says: the same for whoever reads it, in whatever order its keys came. */
import { createHash } from 'node:crypto'
import { type BlobHash, blobHashSchema } from '../../protocols/ids.ts'

/** SHA-256 of the value as JSON with sorted keys. */
export const digestOf = (value: unknown): BlobHash =>
  blobHashSchema.parse(
    createHash('sha256')
      .update(JSON.stringify(sorted(value)))
      .digest('hex'),
  )

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
