/** Moves virtual time for whoever waits: one timer at a time, and only while somebody does. */
import type { VirtualClock } from '../time/virtual-clock.ts'
import { TestingError } from './errors.ts'
import type { UnderWay } from './under-way.ts'

export interface Driver {
  /** Resolves when `isDone` says so, or throws what it throws; it is asked whenever nothing can happen without time. */
  until(isDone: () => boolean): Promise<void>
}

type Waiter = {
  readonly isDone: () => boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function createDriver(clock: VirtualClock, underWay: UnderWay): Driver {
  const waiters = new Set<Waiter>()
  let pumping = false

  function look(waiter: Waiter): void {
    try {
      if (!waiter.isDone()) return
      waiter.resolve()
    } catch (error) {
      waiter.reject(error)
    }
    waiters.delete(waiter)
  }

  async function pump(): Promise<void> {
    try {
      while (waiters.size > 0) {
        await underWay.quiet()
        for (const waiter of [...waiters]) look(waiter)
        if (waiters.size > 0 && !clock.step())
          throw new TestingError(
            'patience',
            'nobody waits for any time to pass: nothing will happen any more',
          )
      }
    } catch (error) {
      for (const { reject } of waiters) reject(error)
      waiters.clear()
    } finally {
      pumping = false
    }
  }

  return {
    until: (isDone) =>
      new Promise((resolve, reject) => {
        waiters.add({ isDone, resolve, reject })
        if (pumping) return
        pumping = true
        void pump()
      }),
  }
}
