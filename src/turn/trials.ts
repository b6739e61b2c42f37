/**
 * Suspects: messages and effects over which processes may have died. One in hand when its process dies is suspect,
 * whether it is to blame or not. So a suspect is tried alone, with the others waiting, and each try is written down
 * before it begins: only what its process died of is counted against it, and its neighbours go on.
 */
import { createHash } from 'node:crypto'
import type { RunId } from '../../protocols/ids.ts'
import { ConflictError } from '../bus/errors.ts'
import type { Records } from '../bus/records.ts'
import { createLanes } from './lanes.ts'

/** Tries alone that ended with their process. The next one is not made. */
export const TRIALS_LIMIT = 3

export interface Trials {
  /**
   * Does it when no other suspect of its kind is under way in this process, or answers undefined where it is what
   * processes die of. @throws what `work` throws; UnavailableError, AmbiguousError
   */
  alone<Result>(suspect: Suspect, work: () => Promise<Result>): Promise<Result | undefined>
  /** Counts a failure that no process died of, and answers how many there were. @throws as `alone` */
  strike(suspect: Suspect): Promise<number>
}

export type Suspect = {
  readonly kind: 'message' | 'effect'
  readonly run: RunId
  /** A message's id; a conversation and its effect. */
  readonly what: string
}

export function createTrials(records: Records): Trials {
  const lanes = createLanes()
  const keyOf = (kind: 'trial' | 'strike', { run, what }: Suspect) =>
    `${kind}.${run}.${createHash('sha256').update(what).digest('hex').slice(0, 16)}`

  /** One more. Two processes that count at once have counted one: they were not alone. */
  async function count(key: string): Promise<number> {
    const found = await records.read(key)
    const counted = (found === undefined ? 0 : Number(Buffer.from(found.value).toString())) + 1
    await records.append(key, Buffer.from(String(counted)), found?.revision ?? 0).catch((error) => {
      if (!(error instanceof ConflictError)) throw error
    })
    return counted
  }

  return {
    alone: (suspect, work) =>
      lanes.run(suspect.kind, async () => {
        const key = keyOf('trial', suspect)
        if ((await count(key)) > TRIALS_LIMIT) return undefined
        try {
          return await work()
        } finally {
          await records.purge(key).catch(() => {}) // then it is counted once too often
        }
      }),
    strike: (suspect) => count(keyOf('strike', suspect)),
  }
}
