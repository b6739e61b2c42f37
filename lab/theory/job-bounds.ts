/** What no number of workers can beat, and what none that keeps busy can miss: bounds of the makespan of a job. */
import { InvalidError } from '../../protocols/errors.ts'

/** A task of a job that is a directed graph without cycles. */
export type Work = {
  readonly name: string
  /** Seconds that it takes, whoever does it. */
  readonly seconds: number
  /** Names of the tasks whose results it needs. */
  readonly needs: readonly string[]
}

export type JobBounds = {
  /** Seconds of the longest chain of tasks that need each other: the makespan with workers without number. */
  readonly criticalPath: number
  /** Seconds of all tasks: the makespan of one worker. */
  readonly work: number
  /** Seconds below which no schedule comes: max(critical path, work / workers). */
  readonly low: number
  /** Seconds above which no schedule comes that leaves no worker idle while a task is ready. */
  readonly high: number
  /** 2 - 1 / workers: how much longer than the best such a schedule may take, at most. */
  readonly factor: number
}

/**
 * Bounds of the makespan of a job with so many equal workers, of which any does any task. `high` is
 * work / m + (1 - 1 / m) critical path, from which Graham's factor follows, since both terms are bounded by the optimum.
 * They hold where handing tasks out and messages take no time: what is measured above `high` is coordination.
 * Source: R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Applied Mathematics 17(2), 1969.
 * @throws InvalidError `invalid.job` for tasks that need each other in a circle, or one that is not there
 */
export function jobBounds(tasks: readonly Work[], workers: number): JobBounds {
  const work = tasks.reduce((sum, { seconds }) => sum + seconds, 0)
  const longest = criticalPath(tasks)
  return {
    criticalPath: longest,
    work,
    low: Math.max(longest, work / workers),
    high: work / workers + (1 - 1 / workers) * longest,
    factor: 2 - 1 / workers,
  }
}

/**
 * Seconds of the longest chain of tasks that need each other.
 * @throws InvalidError `invalid.job` for tasks that need each other in a circle, or one that is not there
 */
export function criticalPath(tasks: readonly Work[]): number {
  const open = new Map(tasks.map(({ name, needs }) => [name, needs.length]))
  const dependants = new Map<string, Work[]>(tasks.map(({ name }) => [name, []]))
  for (const task of tasks) {
    for (const need of task.needs) {
      const waiting = dependants.get(need)
      if (waiting === undefined) {
        throw new InvalidError('job', `task '${task.name}' needs '${need}', which is no task of the job`)
      }
      waiting.push(task)
    }
  }
  // A worklist and no recursion: a chain of ten thousand tasks is a job as well.
  const ready = tasks.filter(({ needs }) => needs.length === 0)
  const begins = new Map<string, number>()
  let last = 0
  for (const { name, seconds } of ready) {
    const done = (begins.get(name) ?? 0) + seconds
    last = Math.max(last, done)
    for (const dependant of dependants.get(name)!) {
      begins.set(dependant.name, Math.max(begins.get(dependant.name) ?? 0, done))
      const left = open.get(dependant.name)! - 1
      open.set(dependant.name, left)
      if (left === 0) ready.push(dependant)
    }
  }
  if (ready.length < tasks.length) {
    const stuck = tasks.filter(({ name }) => open.get(name)! > 0).map(({ name }) => `'${name}'`)
    throw new InvalidError(
      'job',
      `tasks need each other in a circle, among them ${stuck.slice(0, 5).join(', ')}`,
    )
  }
  return last
}
