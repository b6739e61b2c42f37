/** What the supervisor says once it has decided: work with the results that it needs, and what came of revisions. */
import type { TaskRequest } from '../../protocols/task.ts'
import type { RoleEmitted } from '../../src/role/setup.ts'
import { requestOf } from '../../src/topology/wiring.ts'
import type { Destination } from '../../src/turn/behaviour.ts'
import { type Board, type Revision, taskNamed } from './board.ts'
import type { SupervisorSends } from './machine.ts'
import type { Orders } from './orders.ts'

type Emitted = RoleEmitted<SupervisorSends>

/** @param board as it is before the orders */
export function messagesOf(board: Board, { handOut }: Orders): Emitted[] {
  const answered = Object.entries(board.revisions).flatMap(([name, revision]) => answerTo(name, revision))
  return [...answered, ...handOut.flatMap(({ task, note }) => handedOut(board, task, note))]
}

function handedOut(board: Board, name: string, note: string): Emitted[] {
  const work = taskNamed(board, name)!
  const to = { role: work.role, conversation: name }
  const revision = board.revisions[name]
  if (revision !== undefined) {
    const { task: _, findings, ...body } = revision.body
    const told = note === '' ? findings : [...findings, { what: 'the supervisor adds', detail: note }]
    return [{ type: 'review.revise', body: { ...body, findings: told }, to }]
  }
  return [
    { type: 'task.request', body: withNote(requestOf(work), note), to },
    ...resultsFor(board, work.needs, to),
  ]
}

const withNote = (request: TaskRequest, note: string): TaskRequest =>
  note === '' ? request : { ...request, instructions: `${request.instructions}\n\n${note}` }

/** Results of tasks, passed on as they are. */
export const resultsFor = ({ results }: Board, names: readonly string[], to: Destination): Emitted[] =>
  names.flatMap((name): Emitted[] => {
    const result = results[name]
    return result === undefined ? [] : [{ type: 'task.result', body: result, to }]
  })

/** The reviewer is told what came of work that it sent back. */
function answerTo(name: string, { id, reply }: Revision): Emitted[] {
  if (reply === null || id === null) return []
  if (reply.kind === 'done') return [{ type: 'task.result', body: reply.result, answers: id }]
  return [{ type: 'failure', body: { ...reply.failure, of: null, task: name }, answers: id }]
}
