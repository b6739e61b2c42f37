/** Routing of a replay: who takes a message is recorded, and so is what a topology kept somebody from sending. */
import type { RunRecord } from '../run/run-record.ts'
import type { Routing, Way } from '../turn/way.ts'
import type { Course } from './course.ts'
import type { Recording } from './recording.ts'

export function recordedRouting({ turns }: Recording, course: Course): Routing {
  const isBarred = turns.some(({ barred }) => barred !== undefined)
  return {
    applies: (run): run is RunRecord => run !== undefined && isBarred,
    async ways(_run, wanted) {
      // Of the turn that is being taken: the number of a message that was kept back is another's afterwards.
      const barred = new Map(course.next()?.barred?.map(({ id, reason }) => [id, reason] as const))
      return new Map(
        wanted.map(({ message: { id }, mailbox }): [typeof id, Way] => {
          const reason = barred.get(id)
          return [id, reason === undefined ? { mailbox } : { barred: reason }]
        }),
      )
    },
    pass: async (_run, { to }) => ({ mailbox: to }),
    forbids: () => undefined,
  }
}
