/** A signal for work that must end by a certain time. */
import type { Clock } from '../time/clock.ts'
import { EmbeddedNatsError } from './errors.ts'

export type Deadline = {
  /** Aborted with the parent, or at the deadline with an error that names the work. */
  readonly signal: AbortSignal
  /** The work is done: the deadline no longer counts. */
  clear(): void
}

export function deadline(clock: Clock, ms: number, work: string, parent?: AbortSignal): Deadline {
  const late = new AbortController()
  const timer = clock.setTimer(ms, () => {
    late.abort(new EmbeddedNatsError('deadline', `${work}: nothing within ${ms / 1000} s`))
  })
  return {
    signal: parent ? AbortSignal.any([parent, late.signal]) : late.signal,
    clear: () => timer.cancel(),
  }
}
