/** Finds a nats-server: the one that is named, one on PATH, one in the cache, or one that is fetched into it. */
import { delimiter, resolve } from 'node:path'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { createAttempts } from './attempts.ts'
import { cachedBinary, cacheFolder } from './cache.ts'
import { type Env, isExecutable } from './command.ts'
import { debianSource } from './debian.ts'
import { type Attempt, EmbeddedNatsError } from './errors.ts'
import { releaseSource } from './release.ts'
import type { Source } from './source.ts'
import { checkVersion } from './version.ts'

export type BinaryOptions = {
  /** `SKEIN_NATS_SERVER`, `PATH`, `SKEIN_CACHE`, `XDG_CACHE_HOME`, `HOME` and `SKEIN_NATS_MIRROR` count. */
  readonly env: Env
  readonly clock: Clock
  readonly random: Random
  /** Takes a line for people when something slow begins. */
  readonly progress: (text: string) => void
  readonly signal: AbortSignal
  /** Where to fetch from: the official release, then the distribution's package, unless told otherwise. */
  readonly sources?: readonly Source[]
}

/**
 * The absolute path of a nats-server that runs here.
 * @throws EmbeddedNatsError `embedded.no-binary`, or the signal's reason
 */
export async function findBinary(options: BinaryOptions): Promise<string> {
  const { env, clock, signal } = options
  const sources = options.sources ?? [releaseSource({ env, clock }), debianSource({ env, clock })]
  const check = (path: string) => checkVersion(path, options)
  const attempts = createAttempts(signal)

  const findElsewhere = async (): Promise<string | undefined> =>
    (await attempts.tryOut('PATH', () => findOnPath(env, check))) ??
    (await cachedBinary({ ...options, folder: cacheFolder(env), sources, check, attempts }))

  const named = env.SKEIN_NATS_SERVER
  const path = named
    ? // Named on purpose: another in its place would be a surprise.
      await attempts.tryOut('SKEIN_NATS_SERVER', () => checked(resolve(named), check))
    : await findElsewhere()
  if (path === undefined) throw noBinary(attempts.failed)
  return path
}

type Check = (path: string) => Promise<void>

async function findOnPath(env: Env, check: Check): Promise<string> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = resolve(folder, 'nats-server')
    if (await isExecutable(path)) return checked(path, check)
  }
  throw new EmbeddedNatsError('path', 'no nats-server there')
}

async function checked(path: string, check: Check): Promise<string> {
  await check(path)
  return path
}

function noBinary(attempts: readonly Attempt[]): EmbeddedNatsError {
  const list = attempts.map(({ where, why }) => `  ${where}: ${why}`)
  const text = [
    'no nats-server can be had',
    ...list,
    'Install one, or set SKEIN_NATS_SERVER to its path',
  ].join('\n')
  return new EmbeddedNatsError('no-binary', text, { attempts })
}
