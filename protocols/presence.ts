/** Presence: who is there and how busy, by signals. It is a view, never a decision: leases and records decide. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { peerIdSchema, roleNameSchema } from './ids.ts'

/** Milliseconds between two beats of a peer; it counts as suspected after 3 of them without one. */
export const PRESENCE_INTERVAL_MS = 2_000

export const presence = defineProtocol('presence', 1, {
  /** Asks everybody to send a beat now. */
  probe: z.object({}),
  beat: z.object({
    peer: peerIdSchema,
    role: roleNameSchema,
    description: z.string(),
    /** The process that hosts it. */
    host: z.string(),
    pid: z.number().int(),
    model: z.string(),
    /** What the commands of its tools run in, `unshare`; absent where nothing contains them. */
    sandbox: z.string().optional(),
    /** Conversations it owns, and how many of them have an effect in flight. */
    conversations: z.number().int().min(0),
    busy: z.number().int().min(0),
    limit: z.number().int().min(1),
    /** What it is doing, for people: `thinking on r1/parse`. */
    doing: z.array(z.string()),
    /** Runs it takes part in now. */
    runs: z.array(z.string()),
    draining: z.boolean(),
    /** Its own process is gone: another one of its role hosts it until nothing is left, and takes no new work for it. */
    adopted: z.boolean().default(false),
  }),
  /** A last word: it leaves on purpose. */
  gone: z.object({ peer: peerIdSchema }),
})

export type Beat = z.infer<typeof presence.messages.beat.body>

/** Subjects of the signals. */
export const PRESENCE_SUBJECT = {
  probe: 'presence.probe',
  beat: 'presence.beat',
  gone: 'presence.gone',
} as const
