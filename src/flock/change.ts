/**
 * What a run changed in its workspace, kept on disk so that it can be applied later and without a server: the files
 * as they shall be, and the hashes of those they replace.
 *
 * C1 All files are looked at before the first is written: where somebody changed one meanwhile, or one cannot be
 * looked at (a folder is in the place of a file, or the reverse), nothing is written.
 * C2 Files are removed when all others are written. What fails on the way leaves some of them as they shall be, and
 * applying the change again goes on from there.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type BlobHash, blobHashSchema } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Blobs } from '../bus/blobs.ts'
import { checkout } from '../tools/directory.ts'
import { locate } from '../tools/jail.ts'
import { changedPaths } from '../tools/scope.ts'
import { readBlob, readTree, type TreePath, treePath, writeTree } from '../tools/tree.ts'
import { FlockError } from './errors.ts'
import { folderBlobs } from './folder-blobs.ts'

const changeSchema = z.object({
  /** The changed and the new files, as a tree. */
  written: blobHashSchema,
  files: z.array(
    z.object({
      path: z.string().transform(treePath),
      before: blobHashSchema.nullable(),
      after: blobHashSchema.nullable(),
    }),
  ),
})

const INDEX = 'change.json'

/** Keeps the difference between two trees in a folder. Answers whether there is any. */
export async function keepChange(
  folder: string,
  blobs: Blobs,
  base: BlobHash,
  result: BlobHash,
): Promise<boolean> {
  const [before, after] = [await readTree(blobs, base), await readTree(blobs, result)]
  const paths = changedPaths(before, after)
  if (paths.length === 0) return false
  await mkdir(folder, { recursive: true })
  const kept = folderBlobs(folder)
  const written = new Map([...after].filter(([path]) => paths.includes(path)))
  for (const { hash } of written.values()) await kept.put(await readBlob(blobs, hash))
  const files = paths.map((path) => ({
    path,
    before: before.get(path)?.hash ?? null,
    after: after.get(path)?.hash ?? null,
  }))
  const index = { written: await writeTree(kept, written), files }
  await writeFile(join(folder, INDEX), `${JSON.stringify(index, null, 2)}\n`)
  return true
}

/**
 * Writes a kept change into a directory, and answers the files that it is about. Done again, it changes nothing.
 * @throws FlockError `flock.changed` naming the files that are no longer as they were, `flock.unreadable`,
 * `flock.link`, `flock.no-workspace`; nothing is written then (C1)
 */
export async function applyChange(folder: string, directory: string): Promise<readonly string[]> {
  const index = join(folder, INDEX)
  const { written, files } = parseAs(
    changeSchema,
    JSON.parse(await readFile(index, 'utf8')),
    'change',
    `"${index}"`,
  )
  const root = await rootOf(directory)
  const now = await Promise.all(files.map(({ path }) => hashIn(root, path)))
  const changed = files.filter(({ before, after }, at) => now[at] !== before && now[at] !== after)
  if (changed.length > 0) {
    throw new FlockError(
      'changed',
      `changed since the run began, in "${root}": ${changed.map(({ path }) => path).join(', ')}. ` +
        'Nothing was written; merge the patch yourself, or run again',
    )
  }
  await checkout(folderBlobs(folder), written, root)
  for (const { path } of files.filter(({ after }, at) => after === null && now[at] !== null)) {
    await remove(root, path) // C2
  }
  return files.map(({ path }) => path)
}

async function rootOf(directory: string): Promise<string> {
  try {
    return await realpath(directory)
  } catch (cause) {
    throw new FlockError(
      'no-workspace',
      `"${directory}" is gone: apply the patch where the workspace is now`,
      { cause },
    )
  }
}

/** Null where there is no such file. A link is none: the change would be written through it. */
async function hashIn(root: string, path: TreePath): Promise<string | null> {
  const file = await locate(root, path)
  if (file !== join(root, path)) {
    throw new FlockError(
      'link',
      `"${path}" is reached through a link in "${root}", and is not written: apply the patch yourself`,
    )
  }
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new FlockError(
      'unreadable',
      `"${path}" cannot be read in "${root}" (${message}), so nothing was written: mend that, or apply the patch yourself`,
      { cause },
    )
  }
}

/** With the folders that it leaves empty, as git does. */
async function remove(root: string, path: TreePath): Promise<void> {
  await rm(join(root, path))
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(root, folder))
    } catch {
      return
    }
  }
}
