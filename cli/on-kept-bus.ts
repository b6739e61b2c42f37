/** For commands that deal with what was left on a bus, whether anything runs or not. */
import { hostname } from 'node:os'
import { chooseTelemetry } from '../src/flock/choose-telemetry.ts'
import { openKeptBus } from '../src/flock/kept-bus.ts'
import type { OpenBus } from '../src/flock/open-bus.ts'
import { silentLog } from '../src/log.ts'
import type { ProcessPorts } from '../src/peer/process.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { EXIT } from './exit-code.ts'
import type { Settings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'

export type KeptBus = ProcessPorts & {
  readonly kind: OpenBus['kind']
  /** Aborted by Ctrl-C: stop where you are, and throw its reason. */
  readonly signal: AbortSignal
}

/** Answers the exit code of what was done on the bus. @throws FlockError `flock.no-server` */
export async function onKeptBus(
  settings: Settings,
  say: (text: string) => void,
  work: (kept: KeptBus) => Promise<number>,
): Promise<number> {
  const { signal } = stopOnSignals()
  try {
    return await withKeptBus(settings, say, signal, work)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return EXIT.interrupted
    throw error
  }
}

/** The same until any signal is aborted, for any result. @throws as `onKeptBus`; the reason of the signal */
export async function withKeptBus<Result>(
  settings: Settings,
  say: (text: string) => void,
  signal: AbortSignal,
  work: (kept: KeptBus) => Promise<Result>,
): Promise<Result> {
  const [clock, random] = [systemClock(), systemRandom()]
  const { bus, kind, leave } = await openKeptBus({ ...settings, clock, random, say, signal })
  // Who sees a run to its end may host its origin, and then has spans of it.
  const who = { host: hostname(), pid: process.pid }
  const telemetry = chooseTelemetry({ env: settings.env, clock, ...who, warn: say })
  const { spans, meter } = telemetry
  const own = { spans, meter, log: telemetry.heard(silentLog), ...who, scratch: '' }
  try {
    return await work({ bus, kind, clock, random, signal, ...own })
  } finally {
    await Promise.all([telemetry.close(), leave()])
  }
}
