/** The work of one run: tasks, what each needs, and when it arrives. The same for every topology. */

import type { Quantity } from './draws.ts'

export type PlannedTask = {
  readonly name: string
  /** Tasks whose results it waits for. */
  readonly needs: readonly string[]
  /** Tasks that wait for its result. */
  readonly feeds: readonly string[]
  /** Who does it: `worker`, or one of a stage. */
  readonly role: string
  /** Milliseconds that it takes, where it is not like all others. */
  readonly service?: Quantity | undefined
  /** The shared entry that it changes, where there are any. */
  readonly entry?: string | undefined
  /** When it arrives, in whole milliseconds after the run began. */
  readonly atMs: number
}

export type Plan = {
  /** In the order of their arrival; nobody comes before what it needs. */
  readonly tasks: readonly PlannedTask[]
  /** Times that wrong work may be sent back; null where nobody looks. */
  readonly rounds: number | null
}

/** Names of the tasks that no other needs: what the plan is for. */
export const finalsOf = ({ tasks }: Plan): ReadonlySet<string> =>
  new Set(tasks.filter(({ feeds }) => feeds.length === 0).map(({ name }) => name))

/** Milliseconds from the arrival of the task before, or from the beginning where it is the first of all, to that of `next`. */
export const pauseBefore = ({ tasks }: Plan, next: number, first = 0): number =>
  next >= tasks.length ? 0 : tasks[next]!.atMs - (next === first ? 0 : tasks[next - 1]!.atMs)

/** Where the tasks end that arrive together with `next`. */
export function endOfBatch({ tasks }: Plan, next: number, to = tasks.length): number {
  let end = next + 1
  while (end < to && tasks[end]!.atMs === tasks[next]!.atMs) end++
  return end
}
