/** Ways to get one thing, tried one after the other; what failed is kept for the error that lists it all. */
import { type Attempt, reasonOf } from './errors.ts'

export interface Attempts {
  readonly failed: readonly Attempt[]
  /** What the work gives, or undefined where it fails. Rejects only when the signal was aborted. */
  tryOut<T>(where: string, work: () => Promise<T>): Promise<T | undefined>
}

export function createAttempts(signal: AbortSignal): Attempts {
  const failed: Attempt[] = []
  return {
    failed,
    async tryOut(where, work) {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        failed.push({ where, why: reasonOf(error) })
        return undefined
      }
    },
  }
}
