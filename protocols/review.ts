/**
 * Review: the reviewer holds the merged result against the criteria. A verdict names the hash of what was seen, so it
 * says nothing about any other tree.
 */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { failureKindSchema } from './failure.ts'
import { blobHashSchema, roleNameSchema } from './ids.ts'
import { checkSchema, filesSchema, subjectSchema, taskNameSchema } from './task.ts'

export const reviewFindingSchema = z.object({
  what: z.string().describe('the full name of the test that fails, or the criterion that does not hold'),
  detail: z.string().describe('what you saw, where (path, line), and what it should be'),
})

/** One piece of the work under review. */
export const reviewedTaskSchema = z.object({
  task: z.string(),
  role: z.string(),
  title: z.string(),
  subject: subjectSchema.nullable(),
  checks: z.array(checkSchema),
  /** What it may change. */
  files: filesSchema.optional(),
  /** Whom to tell of revisions, where that is not the task's own conversation. */
  owner: z.object({ role: roleNameSchema, conversation: taskNameSchema }).optional(),
  /** Why there is no result to wait for. */
  failed: z.object({ kind: failureKindSchema, reason: z.string() }).optional(),
})

export const review = defineProtocol(
  'review',
  1,
  {
    request: z.object({
      goal: z.string(),
      /** The tree before any work. */
      base: blobHashSchema,
      /** The work to wait for. */
      tasks: z.array(reviewedTaskSchema),
      criteria: z.array(z.string()),
      /** How often work may be sent back before the reviewer gives up. */
      rounds: z.number().int().min(0),
    }),
    revise: z.object({
      tree: blobHashSchema,
      /** 1 for the first time that work is sent back. */
      round: z.number().int().positive(),
      findings: z.array(reviewFindingSchema).min(1),
      /** Names of tests that failed on the tree. */
      failing: z.array(z.string()),
      /** The task that is sent back, where somebody else is told. */
      task: taskNameSchema.optional(),
    }),
    approve: z.object({
      tree: blobHashSchema,
      summary: z.string(),
      /** The task that is approved, where somebody else is told. */
      task: taskNameSchema.optional(),
    }),
  },
  { request: ['run.result'], revise: ['task.result'] },
)

export type ReviewRequest = z.infer<typeof review.messages.request.body>
export type ReviewRevise = z.infer<typeof review.messages.revise.body>
