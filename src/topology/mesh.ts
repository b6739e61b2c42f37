/**
 * `mesh`: results go straight to the tasks that wait for them, and to whoever reviews; nobody stands in between.
 * A pure function from who needs what to where each answer goes.
 */
import type { Stop } from '../../protocols/address.ts'
import { conversationId, type RunId, roleName } from '../../protocols/ids.ts'

export type PlannedTask = { readonly name: string; readonly role: string; readonly needs: readonly string[] }

/**
 * The routing slip of a task: everybody who waits for its result, the reviewer last.
 * @param reviewed whether the reviewer waits for this task's result as well
 */
export function meshSlip(
  run: RunId,
  task: PlannedTask,
  all: readonly PlannedTask[],
  reviewer: { readonly role: string; readonly conversation: string },
  reviewed: boolean,
): Stop[] {
  const waiting = all
    .filter(({ needs }) => needs.includes(task.name))
    .map(({ role, name }) => ({ role: roleName(role), conversation: conversationId(run, name) }))
  if (!reviewed) return waiting
  return [
    ...waiting,
    { role: roleName(reviewer.role), conversation: conversationId(run, reviewer.conversation) },
  ]
}
