/**
 * The cache of nats-server binaries, one for all projects of a user: `SKEIN_CACHE`, or a folder where the platform
 * keeps such things. Whoever needs a binary that is not there fetches it, one process at a time; a binary appears
 * whole, by a rename, or not at all.
 */
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { Attempts } from './attempts.ts'
import { type Env, isExecutable } from './command.ts'
import { withLock } from './lock.ts'
import type { Source } from './source.ts'

export type CacheOptions = {
  readonly folder: string
  /** In the order in which they are asked. */
  readonly sources: readonly Source[]
  /** Resolves where the binary at a path will do. */
  readonly check: (path: string) => Promise<void>
  readonly attempts: Attempts
  readonly progress: (text: string) => void
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

/** Where downloads are kept. */
export function cacheFolder(env: Env, platform: NodeJS.Platform = process.platform): string {
  if (env.SKEIN_CACHE) return resolve(env.SKEIN_CACHE)
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'skein')
  return join(env.HOME || homedir(), platform === 'darwin' ? 'Library/Caches' : '.cache', 'skein')
}

/** The path of a cached binary, fetched if need be; undefined where every attempt failed. */
export async function cachedBinary(options: CacheOptions): Promise<string | undefined> {
  const { folder, sources, attempts, progress } = options
  const fetchAny = async (): Promise<string | undefined> => {
    let path = await lookUp(options) // somebody may have fetched it while we waited
    for (const source of sources) {
      path ??= await attempts.tryOut(source.name, () => fetchFrom(source, options))
    }
    return path
  }
  const waiting = () => progress('waiting for another process that fetches nats-server')
  const fetchLocked = () => withLock(join(folder, 'lock'), { ...options, waiting }, fetchAny)
  return (await lookUp(options)) ?? (await attempts.tryOut(`cache "${folder}"`, fetchLocked))
}

async function lookUp({ folder, sources, check }: CacheOptions): Promise<string | undefined> {
  for (const { file } of sources) {
    const path = join(folder, file)
    if (!(await isExecutable(path))) continue
    try {
      await check(path)
      return path
    } catch {
      // It does not run here: it will be fetched again and replaced.
    }
  }
  return undefined
}

async function fetchFrom(source: Source, { folder, check, progress, signal }: CacheOptions): Promise<string> {
  // What may lie there was left by a fetch that was killed: the lock is ours.
  const work = join(folder, 'work')
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true, mode: 0o700 })
  try {
    progress(`fetching nats-server: ${source.name}`)
    const fetched = await source.fetch(work, signal)
    await chmod(fetched, 0o755)
    await check(fetched)
    const path = join(folder, source.file)
    await rename(fetched, path)
    return path
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
