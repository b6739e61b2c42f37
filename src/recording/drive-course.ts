/**
 * The time of a replay: it goes where the recording says, and stands still meanwhile. What should come and does not,
 * though nothing else is under way, never will.
 */

import { drainMicrotasks } from '../time/microtasks.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import { type Course, missing } from './course.ts'
import { RecordingError } from './recording-error.ts'

export type DriveOptions = {
  readonly course: Course
  readonly clock: VirtualClock
  /** Effects that were asked for and of which nothing was recorded. */
  readonly idle: () => readonly string[]
  /** Milliseconds since 1970, of the run. */
  readonly deadline: number
  /** All was taken: ends the run, where it did not end by itself. */
  readonly stop: () => Promise<void>
}

/** Virtual milliseconds that something may be late, which no timer of a replay explains. */
const PATIENCE_MS = 60_000
/** After its deadline a run is closed, by force in the end. */
const ENDING_MS = 600_000

/** Resolves with the end of the run. @throws RecordingError for the first difference */
export async function driveCourse<End>(
  ending: Promise<End | undefined>,
  { course, clock, idle, deadline, stop }: DriveOptions,
): Promise<End> {
  const { failed } = course
  let end: { readonly value: End | undefined } | undefined
  let broken: { readonly error: unknown } | undefined
  ending.then(
    (value) => {
      end = { value }
    },
    (error: unknown) => {
      broken = { error }
    },
  )
  let released = -1
  let since = clock.now()
  let isStopped = false

  async function passTo(at: number): Promise<void> {
    let isThere = at <= clock.now()
    if (isThere) return
    clock.setTimer(at - clock.now(), () => {
      isThere = true
    })
    while (!isThere && clock.step()) await drainMicrotasks()
  }

  for (;;) {
    await drainMicrotasks()
    failed.throwIfAborted()
    if (broken !== undefined) throw broken.error
    if (end !== undefined) {
      if (end.value === undefined) throw new RecordingError('missing', 'the run was left before its end')
      return end.value
    }
    const next = course.next()
    if (next !== undefined && released !== course.taken()) {
      await passTo(next.at)
      released = course.taken()
      since = clock.now()
      course.release()
      continue
    }
    if (next === undefined && !isStopped) {
      isStopped = true
      await stop()
      continue
    }
    const until = next === undefined ? Math.max(since, deadline) + ENDING_MS : since + PATIENCE_MS
    if (clock.now() > until || !clock.step()) course.fail(next ? missing(next, idle()) : endless())
  }
}

const endless = () =>
  new RecordingError('missing', 'all that was recorded was taken, and the run does not come to its end')
