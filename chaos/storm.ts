/**
 * Kills and pauses at random moments. Pauses hit processes that work, where there is one, since only who has begun
 * something can do harm when it wakes up. Kills hit any; not only those that work, since an effect that processes die
 * in the middle of, again and again, is given up, and rightly so. Where chance would have it so, it is spared.
 */
import { type Clock, sleep } from '../src/time/clock.ts'
import type { SeededRandom } from '../src/time/random.ts'
import type { Crew } from './crew.ts'
import type { Work } from './job.ts'

export type Storm = {
  readonly kills: number
  readonly pauses: number
  /** From one strike to the next, on average. */
  readonly paceMs: number
  /** A pause is up to half as long again. */
  readonly pauseMs: number
  /** The part of the kills that are aimed at calls of the model in flight, from 0 to 1. */
  readonly aimed: number
}

export type StormOptions = Storm & {
  readonly crew: Crew
  readonly clock: Clock
  readonly random: SeededRandom
  readonly work: Work
  /** No strike comes after it. */
  readonly signal: AbortSignal
}

/** Resolves when all strikes are made, or the signal was aborted, and nobody is stopped any more. */
export async function storm(options: StormOptions): Promise<void> {
  const { crew, clock, random, aimed, work, signal } = options
  const strikes = shuffled(
    [...Array(options.kills).fill('kill'), ...Array(options.pauses).fill('pause')] as ('kill' | 'pause')[],
    random,
  )
  const pauses: Promise<void>[] = []
  for (const strike of strikes) {
    await sleep(clock, options.paceMs * (0.5 + random.next()), signal)
    if (signal.aborted) break
    const spared = strike === 'kill' ? work.onLastTry() : []
    const targets = crew.targets().filter(({ pid }) => !spared.includes(pid))
    const aims = strike === 'pause' ? work.working() : random.next() < aimed ? work.calling() : []
    const hit = targets.filter(({ pid }) => aims.includes(pid))
    const victim = drawn(hit.length > 0 ? hit : targets, random)
    if (victim === undefined) continue
    if (strike === 'kill') crew.kill(victim)
    else pauses.push(crew.pause(victim, options.pauseMs * (1 + random.next() / 2)))
  }
  await Promise.all(pauses)
}

const drawn = <T>(all: readonly T[], random: SeededRandom): T | undefined =>
  all[Math.floor(random.next() * all.length)]

function shuffled<T>(all: readonly T[], random: SeededRandom): T[] {
  return all
    .map((one) => ({ one, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
}
