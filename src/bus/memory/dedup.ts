/** What was stored lately. A duplicate does not renew its time: the window counts from the first. */
import type { Clock } from '../../time/clock.ts'

export interface Dedup {
  has(id: string): boolean
  add(id: string): void
}

export function createDedup(clock: Clock, windowMs: number): Dedup {
  /** In the order of time, since an id is added when its time begins. */
  const storedAt = new Map<string, number>()
  return {
    has(id) {
      for (const [old, at] of storedAt) {
        if (clock.now() - at < windowMs) break
        storedAt.delete(old)
      }
      return storedAt.has(id)
    },
    add(id) {
      storedAt.delete(id)
      storedAt.set(id, clock.now())
    },
  }
}
