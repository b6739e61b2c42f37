/** Blobs in memory. What is stored is a copy nobody else has, so its hash cannot cease to be true. */
import { createHash } from 'node:crypto'
import type { BlobHash } from '../../../protocols/ids.ts'
import { blobHashSchema } from '../../../protocols/ids.ts'
import type { Blobs } from '../blobs.ts'
import type { Link } from './link.ts'
import { copyBytes } from './payload.ts'

export function memoryBlobs(): { on(link: Link): Blobs } {
  const blobs = new Map<BlobHash, Uint8Array>()

  return {
    on: (link) => ({
      put(bytes) {
        const stored = copyBytes(bytes)
        const hash = blobHashSchema.parse(createHash('sha256').update(stored).digest('hex'))
        return link.ask({ kind: 'write', name: 'blobs.put', key: hash }, () => {
          if (!blobs.has(hash)) blobs.set(hash, stored)
          return hash
        })
      },
      get: (hash) =>
        link.ask({ kind: 'read', name: 'blobs.get', key: hash }, () => {
          const stored = blobs.get(hash)
          return stored && copyBytes(stored)
        }),
    }),
  }
}
