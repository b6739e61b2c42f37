/** Doing something until it succeeds: for what must not be lost because the bus was away. */
import type { Fields, Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'

/** First and longest pause between two tries. */
const PAUSE_MS = { first: 50, longest: 5_000 }

export type Persistence = {
  /** For people. */
  readonly what: string
  /** The run or the conversation that it is for. */
  readonly about?: Fields
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Tries once, and again with growing pauses until it succeeds or the signal is aborted. Never rejects. */
export async function persist(
  work: () => Promise<unknown>,
  { what, about, clock, log, signal }: Persistence,
): Promise<void> {
  for (let pause = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.longest)) {
    try {
      await work()
      return
    } catch (error) {
      if (signal.aborted) return
      log.warn(`${what} failed and is tried again`, { ...about, error: String(error), pause })
      await sleep(clock, pause, signal)
      if (signal.aborted) return
    }
  }
}
