/**
 * Supervision: one peer is handed a whole plan. It hands the tasks out, reads every result, passes on what others
 * need, and owes the answer to the goal.
 */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { blobHashSchema, roleNameSchema } from './ids.ts'
import { task, taskNameSchema } from './task.ts'

/** A task of the plan, and who does it. */
export const supervisedTaskSchema = task.messages.request.body.extend({
  name: taskNameSchema,
  role: roleNameSchema,
  /** Whether the reviewer waits for its result. */
  reviewed: z.boolean(),
})

export const supervision = defineProtocol(
  'supervision',
  1,
  {
    plan: z.object({
      goal: z.string(),
      /** The tree before any work. */
      base: blobHashSchema,
      /** How often a review may send work back. */
      rounds: z.number().int().min(0),
      criteria: z.array(z.string()).describe('what the whole result must fulfil'),
      tasks: z.array(supervisedTaskSchema),
      /** Who judges the whole, in which conversation. */
      reviewer: z.object({ role: roleNameSchema, conversation: taskNameSchema }),
    }),
  },
  { plan: ['run.result'] },
)

export type SupervisionPlan = z.infer<typeof supervision.messages.plan.body>
export type SupervisedTask = z.infer<typeof supervisedTaskSchema>
