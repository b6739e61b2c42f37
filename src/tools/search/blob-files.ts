/**
 * The text files of trees as files on this machine's disk, each content once, by its hash: what is searched. The next
 * tree of the same work differs in a few files, so only those are written for it; a checkout would write them all.
 *
 * It is kept in the scratch folder of the process, and goes with it.
 *
 * F1. No file is written twice, and none is read by a search before it is whole.
 * F2. Nothing is removed while a search is going on.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobHash } from '../../../protocols/ids.ts'
import type { Blobs } from '../../bus/blobs.ts'
import { decodeText } from '../text.ts'
import { readBlob } from '../tree.ts'

export type BlobFilesOptions = {
  /** Bytes that it may take on the disk before it begins anew. */
  readonly limitBytes?: number
}

export type BlobFilesRequest = {
  readonly blobs: Blobs
  /** Where to keep them: `ToolContext.scratch`. */
  readonly scratch: string
  readonly hashes: Iterable<BlobHash>
  readonly signal: AbortSignal
}

export interface BlobFiles {
  /**
   * Writes what is not there yet, then works with the files: the path of each, by hash, or undefined where the blob is
   * not text. They stay as long as the work goes on.
   */
  use<Result>(
    request: BlobFilesRequest,
    work: (files: ReadonlyMap<BlobHash, string | undefined>) => Promise<Result>,
  ): Promise<Result>
}

const LIMIT_BYTES = 512 * 2 ** 20
/** Blobs that are fetched at a time. */
const LANES = 16

type Folder = {
  readonly path: string
  readonly files: Map<BlobHash, Promise<string | undefined>>
  bytes: number
}

export function createBlobFiles({ limitBytes = LIMIT_BYTES }: BlobFilesOptions = {}): BlobFiles {
  const folders = new Map<string, Promise<Folder>>()
  let users = 0

  function folderIn(scratch: string): Promise<Folder> {
    const known = folders.get(scratch)
    if (known !== undefined) return known
    const made = mkdir(scratch, { recursive: true })
      .then(() => mkdtemp(join(scratch, 'search-')))
      .then((path) => ({ path, files: new Map(), bytes: 0 }))
    folders.set(scratch, made)
    made.catch(() => folders.delete(scratch))
    return made
  }

  /** A file has its name only when it is whole. (F1) */
  function fileOf(folder: Folder, blobs: Blobs, hash: BlobHash): Promise<string | undefined> {
    const known = folder.files.get(hash)
    if (known !== undefined) return known
    const written = (async () => {
      const bytes = await readBlob(blobs, hash)
      if (decodeText(bytes) === undefined) return undefined
      const path = join(folder.path, hash)
      await writeFile(`${path}.part`, bytes, { mode: 0o600 })
      await rename(`${path}.part`, path)
      folder.bytes += bytes.length
      return path
    })()
    folder.files.set(hash, written)
    written.catch(() => folder.files.delete(hash))
    return written
  }

  return {
    async use({ blobs, scratch, hashes, signal }, work) {
      users++ // F2
      try {
        const folder = await folderIn(scratch)
        const files = new Map<BlobHash, string | undefined>()
        const waiting = new Set(hashes).values()
        const lane = async () => {
          for (const hash of waiting) {
            signal.throwIfAborted()
            files.set(hash, await fileOf(folder, blobs, hash))
          }
        }
        await Promise.all(Array.from({ length: LANES }, lane))
        return await work(files)
      } finally {
        users--
        if (users === 0) await trim(folders, limitBytes)
      }
    },
  }
}

async function trim(folders: Map<string, Promise<Folder>>, limitBytes: number): Promise<void> {
  for (const [scratch, made] of [...folders]) {
    const folder = await made.catch(() => undefined)
    if (folder === undefined || folder.bytes <= limitBytes) continue
    if (folders.get(scratch) === made) folders.delete(scratch)
    await rm(folder.path, { recursive: true, force: true })
  }
}
