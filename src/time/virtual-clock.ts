/**
 * A clock that stands still until it is told to go on. Timers fire in the order of (due, sequence), and the time
 * during a timer is exactly its due time.
 */
import type { Clock } from './clock.ts'

export interface VirtualClock extends Clock {
  /** Fires the earliest timer, and says whether there was one. */
  step(): boolean
  /** When the earliest timer is due, in milliseconds, or undefined if none is set. */
  due(): number | undefined
}

/** A cancelled entry stays in the heap, no longer live, until it comes up. */
type Entry = { readonly due: number; readonly sequence: number; readonly fire: () => void; live: boolean }

const before = (a: Entry, b: Entry) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence)

export function virtualClock(startMs = 0): VirtualClock {
  let now = startMs
  let sequence = 0
  const heap: Entry[] = []

  function push(entry: Entry): void {
    let child = heap.push(entry) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!before(heap[child]!, heap[parent]!)) break
      ;[heap[child], heap[parent]] = [heap[parent]!, heap[child]!]
      child = parent
    }
  }

  function pop(): void {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let parent = 0
    for (;;) {
      let least = parent
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
      }
      if (least === parent) return
      ;[heap[parent], heap[least]] = [heap[least]!, heap[parent]!]
      parent = least
    }
  }

  function earliest(): Entry | undefined {
    while (heap.length > 0 && !heap[0]!.live) pop()
    return heap[0]
  }

  return {
    now: () => now,
    setTimer(delayMs, fire) {
      const entry: Entry = { due: now + Math.max(0, delayMs), sequence: sequence++, fire, live: true }
      push(entry)
      return {
        cancel: () => {
          entry.live = false
        },
      }
    },
    step() {
      const entry = earliest()
      if (entry === undefined) return false
      pop()
      now = entry.due
      entry.fire()
      return true
    },
    due: () => earliest()?.due,
  }
}
