/** For commands that deal with what was left on a bus, whether anything runs or not. */
import { hostname } from 'node:os'
import { chooseSpans } from '../src/flock/choose-spans.ts'
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
  const [clock, random] = [systemClock(), systemRandom()]
  const { signal } = stopOnSignals()
  try {
    const { bus, kind, leave } = await openKeptBus({ ...settings, clock, random, say, signal })
    // Who sees a run to its end may host its origin, and then has spans of it.
    const spans = chooseSpans({ env: settings.env, clock, warn: say })
    const own = { spans, log: silentLog, host: hostname(), pid: process.pid, scratch: '' }
    try {
      return await work({ bus, kind, clock, random, signal, ...own })
    } finally {
      await Promise.all([spans.close(), leave()])
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return EXIT.interrupted
    throw error
  }
}
