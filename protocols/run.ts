/** A run: a goal goes in, a result comes out. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { blobHashSchema, roleNameSchema } from './ids.ts'

export const outcomeSchema = z.enum([
  'completed', // the result is there and was checked
  'unsatisfied', // it ended quietly, without its result
  'exhausted', // a limit was reached
  'cancelled', // somebody stopped it
  'failed', // something broke
])
export type Outcome = z.infer<typeof outcomeSchema>

export const run = defineProtocol(
  'run',
  1,
  {
    /** Begins a run at its origin: the message to send, and the role to send it to. */
    start: z.object({ role: roleNameSchema, type: z.string(), body: z.json() }),
    /** A conversation has nothing left to do for now: the stake that it held comes home in the envelope. */
    idle: z.object({}),
    /** A change to make in a workspace. */
    goal: z.object({
      goal: z.string().min(1),
      /** The workspace as it is before any work. */
      base: blobHashSchema,
      /** How often a review may send work back. */
      rounds: z.number().int().min(0),
    }),
    result: z.object({
      outcome: outcomeSchema,
      reason: z.string(),
      /** The workspace after the work. */
      tree: blobHashSchema.nullable(),
      /** A unified diff from base to tree. */
      patch: blobHashSchema.nullable(),
      /** A Markdown report. */
      report: blobHashSchema.nullable(),
    }),
  },
  { goal: ['result'] },
)

export type Goal = z.infer<typeof run.messages.goal.body>
export type RunResult = z.infer<typeof run.messages.result.body>
