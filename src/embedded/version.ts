/** Whether a file is a nats-server that runs on this machine and is recent enough: it is asked for its version. */
import type { Clock } from '../time/clock.ts'
import { type Env, run } from './command.ts'
import { deadline } from './deadline.ts'
import { EmbeddedNatsError } from './errors.ts'

/** The first with all that key-value buckets need: watch, keys, history. */
const OLDEST = [2, 9, 4] as const
/** Until it has printed its version: a few milliseconds as a rule. */
const ANSWER_MS = 10_000

export type VersionOptions = { readonly env: Env; readonly clock: Clock; readonly signal: AbortSignal }

/** Resolves where the file will do. @throws EmbeddedNatsError that says why not, or the signal's reason */
export async function checkVersion(path: string, { env, clock, ...options }: VersionOptions): Promise<void> {
  const { signal, clear } = deadline(clock, ANSWER_MS, `${path} --version`, options.signal)
  const printed = (await run(path, ['--version'], { env, signal }).finally(clear)).trim()
  const version = /^nats-server: v(\d+)\.(\d+)\.(\d+)/.exec(printed)?.slice(1).map(Number)
  if (version === undefined) {
    const [firstLine] = printed.split('\n')
    throw new EmbeddedNatsError('version', `${path} is no nats-server: its version is "${firstLine}"`)
  }
  const differing = OLDEST.findIndex((part, index) => part !== version[index])
  if (differing >= 0 && version[differing]! < OLDEST[differing]!) {
    const [found, oldest] = [version.join('.'), OLDEST.join('.')]
    throw new EmbeddedNatsError('version', `${path} has version ${found}: ${oldest} or later is needed`)
  }
}
