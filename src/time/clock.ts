/** Time as a port: nothing else in `src`, `actors` or `protocols` may ask what time it is, or wait. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `fire` once, `delayMs` from now (0 or more), unless cancelled. */
  setTimer(delayMs: number, fire: () => void): Timer
}

export interface Timer {
  cancel(): void
}

/** Resolves after `delayMs`, or as soon as the signal is aborted: check the signal. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.setTimer(delayMs, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
