/** Failure is a message: whoever expects an answer gets it or one of these, exactly once. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { messageIdSchema } from './ids.ts'

export const failureKindSchema = z.enum([
  'no-peer', // nobody of that role took it
  'refused', // the receiver does not do this, or not now
  'timeout', // no answer by the deadline
  'died', // its process died in the middle, and it must not be run again
  'invalid', // the message, or the answer to it, does not parse
  'exhausted', // a budget of the run is used up
  'cancelled', // the run was stopped
  'error', // it was tried and did not work out
])
export type FailureKind = z.infer<typeof failureKindSchema>

export const failure = defineProtocol('failure', 1, {
  failure: z.object({
    kind: failureKindSchema,
    /** For a person: what happened and what to do. */
    reason: z.string(),
    /** The message that will not be answered. */
    of: messageIdSchema.nullable(),
    /** What the sender can still offer: an answer that is not good enough, open points. */
    partial: z.json().optional(),
    /** The task that failed, where somebody else passes it on. */
    task: z.string().optional(),
  }),
})
