/** How far a plan is worked off, as who holds it remembers: small and plain, since it stands in every commit. Pure. */
import type { Plan, PlannedTask } from '../plan.ts'
import { type Given, givenBy, type WorkReport, type WorkResult } from './work.ts'

export type Progress = {
  /** A letter for each task: `.` to be handed out, `o` out, `x` done, `!` failed. */
  readonly marks: string
  /** Tasks that are out. */
  readonly out: number
  /** Results that somebody still needs. */
  readonly kept: Readonly<Record<string, Pick<WorkResult, 'tokens' | 'wrong'>>>
  /** Tasks that are done. */
  readonly ended: number
  /** Of these, those whose result nobody else needs: what the plan is for. */
  readonly done: number
  /** Of these, those that were wrong. */
  readonly wrong: number
}

export const progressOn = ({ tasks }: Plan) => {
  const places = new Map(tasks.map(({ name }, index) => [name, index]))
  const finals = tasks.filter(({ feeds }) => feeds.length === 0).length
  const markOf = ({ marks }: Progress, name: string) => marks[places.get(name)!]

  function marked(marks: string, name: string, mark: string): string {
    const place = places.get(name)!
    return marks.slice(0, place) + mark + marks.slice(place + 1)
  }

  return {
    none: {
      marks: '.'.repeat(tasks.length),
      out: 0,
      kept: {},
      ended: 0,
      done: 0,
      wrong: 0,
    } satisfies Progress,

    /** The first so many tasks that have arrived and have all that they need. */
    ready(progress: Progress, arrived: number, most: number): PlannedTask[] {
      const ready: PlannedTask[] = []
      for (
        let place = progress.marks.indexOf('.');
        place !== -1 && place < arrived && ready.length < most;
      ) {
        const task = tasks[place]!
        if (task.needs.every((need) => markOf(progress, need) === 'x')) ready.push(task)
        place = progress.marks.indexOf('.', place + 1)
      }
      return ready
    },

    /** What a task rests on. */
    given: ({ kept }: Progress, { needs }: PlannedTask): Given => givenBy(needs.map((need) => kept[need]!)),

    handed: (progress: Progress, handed: readonly PlannedTask[]): Pick<Progress, 'marks' | 'out'> => ({
      marks: handed.reduce((marks, { name }) => marked(marks, name, 'o'), progress.marks),
      out: progress.out + handed.length,
    }),

    finished(progress: Progress, { task: name, tokens, wrong }: WorkResult): Progress {
      const { needs, feeds } = tasks[places.get(name)!]!
      const marks = marked(progress.marks, name, 'x')
      const isNeeded = (need: string) =>
        tasks[places.get(need)!]!.feeds.some((other) => marks[places.get(other)!] !== 'x')
      const kept = { ...progress.kept, ...(feeds.length > 0 && { [name]: { tokens, wrong } }) }
      for (const need of needs) if (!isNeeded(need)) delete kept[need]
      return {
        ...{ marks, kept, out: progress.out - 1 },
        ended: progress.ended + 1,
        done: progress.done + (feeds.length === 0 ? 1 : 0),
        wrong: progress.wrong + (feeds.length === 0 && wrong ? 1 : 0),
      }
    },

    /** What came of the plan. */
    reported: ({ done, wrong }: Progress): WorkReport => ({ done, wrong, failed: finals - done }),

    failed: (progress: Progress, name: string): Pick<Progress, 'marks' | 'out'> => ({
      marks: places.has(name) ? marked(progress.marks, name, '!') : progress.marks,
      out: progress.out - 1,
    }),
  }
}
