/**
 * Progress: what a long command prints, while it prints it, as signals. It is content: nothing keeps it, no span, no
 * record and no log holds it, and who does not listen misses it. What the command printed is in the tool's answer.
 */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { peerIdSchema, type RunId, roleNameSchema, runIdSchema } from './ids.ts'

export const progress = defineProtocol('progress', 1, {
  printed: z.object({
    run: runIdSchema,
    peer: peerIdSchema,
    role: roleNameSchema,
    /** The conversation's name inside its run. */
    conversation: z.string(),
    tool: z.string(),
    /** Whole lines, or the beginning of a long one; secrets are taken out of it. */
    text: z.string(),
    /** Characters before it that were left out, since they came too fast. */
    left: z.number().int().min(0),
  }),
})

export type Printed = z.infer<typeof progress.messages.printed.body>

/** Subjects of the signals: of a run, and of all. */
export const PROGRESS_SUBJECT = {
  of: (run: RunId): string => `progress.printed.${run}`,
  all: 'progress.printed.*',
} as const
