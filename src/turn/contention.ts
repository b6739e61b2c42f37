/**
 * Changing a record that others change: whoever finds that somebody was faster reads it again and decides anew, after
 * a pause that grows and that chance takes a part of (exponential backoff with full jitter), so that a crowd spreads
 * out. It ends by itself: a compare-and-set without end would keep its turn for as long as the crowd is there.
 */
import { UnavailableError } from '../bus/errors.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'

export type ContentionOptions = {
  /** What is changed, for people: `the claim of "r1/job"`. */
  readonly what: string
  readonly clock: Clock
  readonly random: Random
  /** Changes that may be lost to others, one after another. */
  readonly tries: number
  /** First and longest pause, in milliseconds. */
  readonly pauseMs: { readonly first: number; readonly longest: number }
  /** Milliseconds since 1970, from which on nobody waits for it. A few tries are made all the same. */
  readonly deadline?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Contention {
  /**
   * Waits before the next try.
   * @throws UnavailableError once it was lost too often, or for too long: nothing was applied, and it may be tried again
   */
  lost(): Promise<void>
}

/** Tries that are made also when the deadline is over: what is committed has to go out, however late. */
const LEAST_TRIES = 3

export function contention(options: ContentionOptions): Contention {
  const { what, clock, random, tries, pauseMs, deadline = Number.POSITIVE_INFINITY, signal } = options
  let lost = 0
  return {
    async lost() {
      lost++
      const isLate = lost >= LEAST_TRIES && clock.now() >= deadline
      if (lost >= tries || isLate)
        throw new UnavailableError(
          `${what} was changed by others ${lost} times in a row${isLate ? ', and its time is over' : ''}: try again`,
        )
      const pause = Math.ceil(random.next() * Math.min(pauseMs.first * 2 ** (lost - 1), pauseMs.longest))
      await sleep(clock, Math.min(pause, Math.max(0, deadline - clock.now())), signal)
    },
  }
}
