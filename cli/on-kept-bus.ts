/** For commands that deal with what was left on a bus, whether anything runs or not. */
import type { Bus } from '../src/bus/bus.ts'
import { openKeptBus } from '../src/flock/kept-bus.ts'
import type { Clock } from '../src/time/clock.ts'
import { type Random, systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { EXIT } from './exit-code.ts'
import type { Settings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'

export type KeptBus = {
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
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
    const { bus, leave } = await openKeptBus({ ...settings, clock, random, say, signal })
    try {
      return await work({ bus, clock, random, signal })
    } finally {
      await leave()
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return EXIT.interrupted
    throw error
  }
}
