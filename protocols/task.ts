/** Work handed from peer to peer: a task with what it waits for and how it is checked, and its result. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { blobHashSchema, peerIdSchema } from './ids.ts'

/** How a task's result is checked, by whoever did it and again by the reviewer. */
export const checkSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tests'),
    names: z
      .array(z.string())
      .min(1)
      .describe('full names of tests that must pass; they may be still to write'),
  }),
  z.object({ kind: z.literal('suite').describe('every test of the workspace must pass') }),
  z.object({
    kind: z.literal('command'),
    argv: z.array(z.string()).min(1).describe('a command that must exit with 0, word by word'),
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
  path: z.string().describe('the document'),
  heading: z.string().describe('heading of its section; empty before the first one'),
  line: z.number().int().positive().describe('where it begins in the document'),
  code: z.string().describe('the code, or the sentences, as they stand there'),
})
export type Finding = z.infer<typeof findingSchema>

/** Where it stands, as others refer to it: `docs/page.md:12`. */
export const sourceOf = ({ path, line }: Pick<Finding, 'path' | 'line'>): string => `${path}:${line}`

export const checkResultSchema = z.object({ check: z.string(), passed: z.boolean(), detail: z.string() })
export type CheckResult = z.infer<typeof checkResultSchema>

/** Files that a task may change or create: paths from the root; one that ends with "/" stands for all below it. */
export const filesSchema = z.array(z.string())

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
      /** What else it changes is undone before it is merged. Absent: it may change anything. */
      files: filesSchema.optional(),
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
