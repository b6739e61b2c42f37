/**
 * The clock of one simulated process: wrong by a constant, at a standstill while the process sleeps, and dead with it.
 * What came due during a sleep fires after it, one timer a step, in the order in which it was due.
 */
import type { Clock, Timer } from '../time/clock.ts'

export interface ProcessClock extends Clock {
  pause(): void
  resume(): void
  /** None of its timers fires any more. */
  stop(): void
}

type Pending = { timer: Timer; readonly fire: () => void }

export function processClock(world: Clock, skewMs: number): ProcessClock {
  const pending = new Set<Pending>()
  let missed: Pending[] = []
  let state: 'running' | 'paused' | 'stopped' = 'running'

  /** In whole milliseconds, as a system's clock has it. */
  const arm = (delayMs: number, entry: Pending) => world.setTimer(Math.ceil(delayMs), () => due(entry))

  function due(entry: Pending): void {
    if (state === 'paused') {
      missed.push(entry)
      return
    }
    pending.delete(entry)
    entry.fire()
  }

  function cancel(entry: Pending): void {
    entry.timer.cancel()
    pending.delete(entry)
    missed = missed.filter((other) => other !== entry)
  }

  return {
    now: () => world.now() + skewMs,
    setTimer(delayMs, fire) {
      const entry: Pending = { timer: { cancel: () => {} }, fire }
      if (state === 'stopped') return entry.timer
      pending.add(entry)
      entry.timer = arm(delayMs, entry)
      return { cancel: () => cancel(entry) }
    },
    pause() {
      if (state === 'running') state = 'paused'
    },
    resume() {
      if (state !== 'paused') return
      state = 'running'
      for (const entry of missed.splice(0)) entry.timer = arm(0, entry)
    },
    stop() {
      state = 'stopped'
      for (const { timer } of pending) timer.cancel()
      pending.clear()
      missed = []
    },
  }
}
