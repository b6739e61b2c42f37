/** Doing something until it succeeds: for what must not be lost because the bus was away. */
import type { Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'

/** First and longest pause between two tries. */
const PAUSE_MS = { first: 50, longest: 5_000 }

/** Tries once, and again with growing pauses until it succeeds or the signal is aborted. Never rejects. */
export async function persist(
  work: () => Promise<unknown>,
  { what, clock, log, signal }: { what: string; clock: Clock; log: Log; signal: AbortSignal },
): Promise<void> {
  for (let pause = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.longest)) {
    try {
      await work()
      return
    } catch (error) {
      if (signal.aborted) return
      log.warn(`${what} failed and is tried again`, { error: String(error), pause })
      await sleep(clock, pause, signal)
      if (signal.aborted) return
    }
  }
}
