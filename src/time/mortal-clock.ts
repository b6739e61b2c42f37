/** A clock that can be stopped with the process that uses it: none of its timers fires afterwards. */
import type { Clock, Timer } from './clock.ts'

export interface MortalClock extends Clock {
  stop(): void
}

export function mortalClock(clock: Clock): MortalClock {
  const pending = new Set<Timer>()
  let stopped = false
  return {
    now: () => clock.now(),
    setTimer(delayMs, fire) {
      if (stopped) return { cancel: () => {} }
      const timer = clock.setTimer(delayMs, () => {
        pending.delete(timer)
        fire()
      })
      pending.add(timer)
      return {
        cancel: () => {
          pending.delete(timer)
          timer.cancel()
        },
      }
    },
    stop() {
      stopped = true
      for (const timer of pending) timer.cancel()
      pending.clear()
    },
  }
}
