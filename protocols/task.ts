/** Work handed from peer to peer: a task with what it waits for and how it is checked, and its result. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { blobHashSchema, peerIdSchema } from './ids.ts'

/** How a task's result is checked, by whoever did it and again by the reviewer. */
export const checkSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tests'),
    names: z.array(z.string()).min(1).describe('full names of tests that must pass'),
  }),
  z.object({
    kind: z.literal('command'),
    argv: z.array(z.string()).min(1).describe('a command that must exit with 0'),
  }),
])
export type Check = z.infer<typeof checkSchema>

/** A declaration of the workspace that the task is about. */
export const subjectSchema = z.object({
  file: z.string().describe('path in the workspace'),
  name: z.string().describe('the exported name'),
  doc: z.string().describe('what its documentation comment says'),
})
export type Subject = z.infer<typeof subjectSchema>

/** Something found in the documents. */
export const findingSchema = z.object({
  path: z.string(),
  heading: z.string(),
  line: z.number().int().positive().describe('where it begins in the document'),
  code: z.string().describe('the code as it stands there'),
})
export type Finding = z.infer<typeof findingSchema>

export const checkResultSchema = z.object({ check: z.string(), passed: z.boolean(), detail: z.string() })
export type CheckResult = z.infer<typeof checkResultSchema>

/** A task's name is that of its conversation. */
export const taskNameSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)

export const task = defineProtocol(
  'task',
  1,
  {
    request: z.object({
      title: z.string(),
      instructions: z.string().describe('what to do, for the peer that does it'),
      subject: subjectSchema.nullable(),
      /** Conversations of the run whose `task.result` this one waits for. */
      needs: z.array(taskNameSchema),
      checks: z.array(checkSchema),
    }),
    result: z.object({
      summary: z.string().describe('what was done, in a sentence or two'),
      findings: z.array(findingSchema),
      /** The run's head after this result was merged into it, for work that changed the workspace. */
      tree: blobHashSchema.nullable(),
      sources: z.array(z.string()).describe('documents that the result rests on'),
      checks: z.array(checkResultSchema),
      openPoints: z.array(z.string()),
      /** The task that it is the result of, and whose work it is, where somebody else passes it on. */
      task: taskNameSchema.optional(),
      by: peerIdSchema.optional(),
    }),
  },
  { request: ['result'] },
)

export type TaskRequest = z.infer<typeof task.messages.request.body>
export type TaskResult = z.infer<typeof task.messages.result.body>
