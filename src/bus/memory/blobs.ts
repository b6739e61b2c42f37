/** Blobs in memory. What is stored is a copy nobody else has, so its hash cannot cease to be true. */
import type { BlobHash } from '../../../protocols/ids.ts'
import type { Clock } from '../../time/clock.ts'
import { hashOf } from '../blob-hashes.ts'
import type { BlobStore } from '../blobs.ts'
import type { Link } from './link.ts'
import { copyBytes } from './payload.ts'

export function memoryBlobs(clock: Clock): { on(link: Link): BlobStore } {
  const blobs = new Map<BlobHash, { readonly bytes: Uint8Array; readonly storedAt: number }>()

  return {
    on: (link) => ({
      put(bytes) {
        const stored = copyBytes(bytes)
        const hash = hashOf(stored)
        return link.ask({ kind: 'write', name: 'blobs.put', key: hash }, () => {
          blobs.set(hash, { bytes: stored, storedAt: clock.now() })
          return hash
        })
      },
      get: (hash) =>
        link.ask({ kind: 'read', name: 'blobs.get', key: hash }, () => {
          const stored = blobs.get(hash)
          return stored && copyBytes(stored.bytes)
        }),
      list: () =>
        link.ask({ kind: 'read', name: 'blobs.list', key: '>' }, () =>
          [...blobs].map(([hash, { bytes, storedAt }]) => ({ hash, bytes: bytes.length, storedAt })),
        ),
      remove: (hash) =>
        link.ask({ kind: 'write', name: 'blobs.remove', key: hash }, () => {
          blobs.delete(hash)
        }),
    }),
  }
}
