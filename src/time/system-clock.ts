/** The clock on the wall. */
import type { Clock } from './clock.ts'

/** Longest delay that Node's timers take; longer ones would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    setTimer(delayMs, fire) {
      const handle = setTimeout(fire, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS))
      return { cancel: () => clearTimeout(handle) }
    },
  }
}
