/**
 * Mutual exclusion between processes of one machine, over a folder. A lock *file* cannot be taken from a dead holder
 * without a race (who removes it may remove the next holder's); claims can.
 *
 * - L1 Who sees no living claim but its own holds the lock. With C2: never two.
 * - L2 Of those that wait, the first by name keeps its claim and the others withdraw theirs: one always gets on.
 */
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type Claim, claim, livingClaims, pidOf } from './claims.ts'
import { EmbeddedNatsError } from './errors.ts'

/** Longest wait for a lock: more than the longest download under it may take. */
const WAIT_MS = 300_000
/** Between two looks: unnoticed by people, and cheap. */
const LOOK_MS = 20

export type LockOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal
  /** Called once, where somebody else holds the lock. */
  readonly waiting?: () => void
}

/** Does the work while no other process does any under the same folder. @throws EmbeddedNatsError `embedded.busy` */
export async function withLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const held = await acquire(folder, options)
  try {
    return await work()
  } finally {
    await held.drop()
  }
}

async function acquire(folder: string, { clock, random, signal, waiting }: LockOptions): Promise<Claim> {
  const end = clock.now() + WAIT_MS
  let mine: Claim | undefined
  let told = false
  try {
    for (;;) {
      signal?.throwIfAborted()
      mine ??= await claim(folder, random)
      const { name } = mine
      const others = (await livingClaims(folder)).filter((other) => other !== name)
      if (others.length === 0) return mine // L1
      if (!told) waiting?.()
      told = true
      if (clock.now() >= end) {
        throw new EmbeddedNatsError(
          'busy',
          `"${folder}" is held by process ${others.map(pidOf).join(', ')}: end it`,
        )
      }
      if (others.some((other) => other < name)) {
        await mine.drop() // L2
        mine = undefined
      }
      await sleep(clock, LOOK_MS * (0.5 + random.next()), signal)
    }
  } catch (error) {
    await mine?.drop()
    throw error
  }
}
