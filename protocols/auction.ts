/**
 * Bidding for work by signals, in the words of the FIPA contract net: a call for proposals, and proposals or refusals
 * until its time is up. A proposal binds nobody and is stale in a moment; the award is a record, and the work itself is
 * the message that accepts a proposal. Who does not get it hears nothing, since nothing was kept for it.
 */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { conversationIdSchema, peerIdSchema, type RoleName, roleNameSchema } from './ids.ts'

const auctionId = z.string().regex(/^[a-z0-9]{1,64}$/)

export const auction = defineProtocol('auction', 1, {
  /** Call for proposals: who of the role would take this conversation? */
  cfp: z.object({
    auction: auctionId,
    role: roleNameSchema,
    conversation: conversationIdSchema,
    replyInMs: z.number(),
  }),
  propose: z.object({
    auction: auctionId,
    peer: peerIdSchema,
    /** Work in hand, and work that it may get by other bids. */
    load: z.number().min(0),
    /** How good it is at this work, as it sees itself: higher is better. */
    skill: z.number(),
  }),
  refuse: z.object({ auction: auctionId, peer: peerIdSchema, reason: z.string() }),
})

/** Subjects of the signals. */
export const AUCTION_SUBJECT = {
  cfp: (role: RoleName) => `auction.cfp.${role}`,
  /** Proposals and refusals. */
  reply: (auction: string) => `auction.reply.${auction}`,
} as const
