/** The directories that a real job works on: where they are, and what is in them. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'
import { importDirectory } from '../../src/tools/directory.ts'
import type { RealJob } from './job.ts'

const KEYS = ['workspace', 'documents'] as const

/** @param folder that of the experiment */
export const directoriesOf = (job: RealJob, folder: string) => ({
  workspace: resolve(folder, job.workspace),
  ...(job.documents !== undefined && { documents: resolve(folder, job.documents) }),
})

/** Keys of the job whose directory is none, and why. */
export function missingDirectories(job: RealJob, folder: string) {
  const directories = directoriesOf(job, folder)
  return KEYS.flatMap((key) => {
    const path = directories[key]
    if (path === undefined) return []
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return []
    const why = found === undefined ? 'does not exist' : 'is no directory'
    return [{ key, why: `${path} ${why}: give the path of a directory, beside the experiment or absolute` }]
  })
}

/** Hashes of what is in them. @throws what `importDirectory` does */
export async function contentsOf(job: RealJob, folder: string): Promise<readonly string[]> {
  const blobs = timelessBlobs()
  const trees = Object.values(directoriesOf(job, folder)).map((path) => importDirectory(blobs, path))
  return (await Promise.all(trees)).map(({ hash }) => hash)
}
