/** Where messages come from and go to. */
import { z } from 'zod'
import { conversationIdSchema, messageIdSchema, peerIdSchema, roleNameSchema } from './ids.ts'

/** A conversation of a role. Whichever peer of the role hosts it gets the message. */
export const addressSchema = z.object({ role: roleNameSchema, conversation: conversationIdSchema })
export type Address = z.infer<typeof addressSchema>

/** Who sent a message: an answer goes straight to the peer. */
export const senderSchema = addressSchema.extend({ peer: peerIdSchema })
export type Sender = z.infer<typeof senderSchema>

/**
 * One stop of a routing slip: where an answer goes. Agents only answer; whoever wrote the request, by the topology,
 * wrote the slip.
 */
export const stopSchema = addressSchema.extend({
  /** The peer that hosts the conversation, where the writer knew it. */
  peer: peerIdSchema.optional(),
  /** The message that the stop waits to see answered, where it is not the one that carries the slip. */
  correlation: messageIdSchema.optional(),
})
export type Stop = z.infer<typeof stopSchema>

/** A peer that passed a message on: which process it was, and when it got the message and let it go, by its clock. */
export const passageSchema = z.object({
  peer: peerIdSchema,
  role: roleNameSchema,
  host: z.string(),
  pid: z.number().int(),
  /** Milliseconds since 1970. */
  takenAt: z.number(),
  sentAt: z.number(),
})
export type Passage = z.infer<typeof passageSchema>
