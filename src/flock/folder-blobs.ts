/** Blobs in a folder, a file each: for what must be at hand when no bus is. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashOf } from '../bus/blob-hashes.ts'
import type { Blobs } from '../bus/blobs.ts'

/** @param folder one that exists */
export function folderBlobs(folder: string): Blobs {
  return {
    async put(bytes) {
      const hash = hashOf(bytes)
      await writeFile(join(folder, hash), bytes)
      return hash
    },
    async get(hash) {
      const bytes = await readFile(join(folder, hash)).catch(() => undefined)
      return bytes !== undefined && hashOf(bytes) === hash ? bytes : undefined
    },
  }
}
