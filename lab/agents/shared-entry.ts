/**
 * The shared entries of a job, on a blackboard of the run: each counts how often it was changed. Whoever works on a task
 * changes one of them: reads it, thinks, writes, and thinks again where somebody else was faster.
 */
import { z } from 'zod'
import { defineBoard } from '../../src/coordination/blackboard.ts'
import { type BoardContext, boardChange } from '../../src/coordination/blackboard-states.ts'
import type { Plan } from '../plan.ts'

export const sharedBoard = defineBoard('shared', z.object({ changes: z.int().min(0) }))

export type SharedContext = BoardContext<typeof sharedBoard>

/** The entry that a task changes. Undefined where the job shares nothing. */
export type EntryOfTask = ((task: string) => string) | undefined

export function entriesOf({ tasks }: Plan): EntryOfTask {
  const entries = new Map(tasks.flatMap(({ name, entry }) => (entry ? [[name, entry] as const] : [])))
  return entries.size === 0 ? undefined : (task) => entries.get(task)!
}

/** Nobody gives up: how often writes lose is what is measured. */
export const NEVER_TOO_OFTEN = Number.MAX_SAFE_INTEGER

/** @param key of the entry that the agent is to change */
export const sharedChange = <Context extends SharedContext>(key: (context: Context) => string) =>
  boardChange<typeof sharedBoard, Context>(sharedBoard, {
    key,
    change: (entry) => ({ changes: (entry?.changes ?? 0) + 1 }),
    conflictsLimit: NEVER_TOO_OFTEN,
  })
