/** What runs left in the state folder: their results and their logs, for as long as nobody removes them. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type RunId, runIdSchema } from '../../protocols/ids.ts'

/** Folders of the state folder that have a folder for each run. */
const FOLDERS = ['runs', 'logs']

export type OldFilesOptions = {
  readonly stateDir: string
  /** Folders in which nothing was written since, in milliseconds since 1970; or those of one run. */
  readonly which: { readonly before: number } | { readonly run: RunId }
  /** Runs under way: theirs stay. */
  readonly live: readonly RunId[]
}

/** Paths of folders. */
export async function oldFiles({ stateDir, which, live }: OldFilesOptions): Promise<readonly string[]> {
  const found = await Promise.all(FOLDERS.map((name) => foldersIn(join(resolve(stateDir), name))))
  const chosen = await Promise.all(
    found.flat().map(async ({ run, path }) => {
      if (live.includes(run)) return []
      const old = 'run' in which ? run === which.run : (await writtenAt(path)) <= which.before
      return old ? [path] : []
    }),
  )
  return chosen.flat()
}

export const removeFolder = (path: string): Promise<void> => rm(path, { recursive: true, force: true })

async function foldersIn(folder: string): Promise<{ readonly run: RunId; readonly path: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => runIdSchema.safeParse(name).data ?? [])
    .map((run) => ({ run, path: join(folder, run) }))
}

/** When something in it was written last. */
async function writtenAt(folder: string): Promise<number> {
  const names = await readdir(folder)
  const times = await Promise.all([folder, ...names.map((name) => join(folder, name))].map(timeOf))
  return Math.max(...times)
}

const timeOf = async (path: string): Promise<number> => (await stat(path)).mtimeMs
