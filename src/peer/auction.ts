/**
 * Auctions: whoever has work asks the peers of its role what they would take it for. Bids are signals and may be lost;
 * an auction ends by its time with what it has, and of no bid there is no award.
 */
import { AUCTION_SUBJECT, auction as protocol } from '../../protocols/auction.ts'
import type { ConversationId, PeerId, RoleName } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import type { Signals } from '../bus/signals.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type Bid, leastLoaded } from '../topology/placement.ts'
import type { Auction } from '../topology/routing.ts'

export type AuctionPorts = {
  readonly signals: Signals
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Milliseconds that bidders have to reply. */
const REPLY_MS = 250

const { cfp, propose, refuse } = protocol.messages
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const frame = (body: unknown): Frame => ({ headers: {}, body: encoder.encode(JSON.stringify(body)) })

function jsonIn({ body }: Frame): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return undefined
  }
}

export function createAuction({ signals, clock, random }: AuctionPorts): Auction {
  return async (conversation: ConversationId, role: RoleName, bidders: readonly PeerId[]) => {
    const auction = random.hex(8)
    const replies = await signals.subscribe(AUCTION_SUBJECT.reply(auction))
    const timer = clock.setTimer(REPLY_MS, () => replies.close())
    signals.publish(AUCTION_SUBJECT.cfp(role), frame({ auction, role, conversation, replyInMs: REPLY_MS }))
    const bids = new Map<PeerId, Bid>()
    const waitingFor = new Set(bidders)
    for await (const { frame: received } of replies) {
      const reply = jsonIn(received)
      const bid = propose.body.safeParse(reply)
      const refusal = refuse.body.safeParse(reply)
      if (bid.success) bids.set(bid.data.peer, bid.data)
      waitingFor.delete((bid.data?.peer ?? refusal.data?.peer) as PeerId)
      if (waitingFor.size === 0) break
    }
    timer.cancel()
    replies.close()
    return leastLoaded(conversation, [...bids.values()])
  }
}

export interface Bidder {
  /** Bids from now on. Idempotent. */
  start(): void
  stop(): Promise<void>
}

export type BidderOptions = AuctionPorts & {
  readonly peer: PeerId
  readonly role: RoleName
  /** Conversations in hand. */
  readonly load: () => number
  /** How good it is at a conversation. */
  readonly skill: (conversation: ConversationId) => number
  /** It takes no new work any more. */
  readonly leaving: () => boolean
}

export function createBidder(options: BidderOptions): Bidder {
  const { signals, clock, peer, role, log } = options
  const stopping = new AbortController()
  let bidding: Promise<void> | undefined
  /** Bids that may still win: who bids twice in a moment may get both. */
  let open = 0

  async function bid(): Promise<void> {
    const calls = await signals.subscribe(AUCTION_SUBJECT.cfp(role))
    stopping.signal.addEventListener('abort', () => calls.close(), { once: true })
    if (stopping.signal.aborted) calls.close()
    for await (const { frame: received } of calls) {
      const call = cfp.body.safeParse(jsonIn(received))
      if (!call.success) continue
      const { auction, conversation, replyInMs } = call.data
      const reply = options.leaving()
        ? { auction, peer, reason: 'it is about to leave' }
        : { auction, peer, load: options.load() + open, skill: options.skill(conversation) }
      open++
      clock.setTimer(replyInMs, () => {
        open--
      })
      try {
        signals.publish(AUCTION_SUBJECT.reply(auction), frame(reply))
      } catch {
        // The bus is away: this one does without us.
      }
    }
  }

  return {
    start() {
      if (stopping.signal.aborted) return
      bidding ??= bid().catch((error) => log.warn('calls for bids are not heard', { error: String(error) }))
    },
    async stop() {
      stopping.abort()
      await bidding
    },
  }
}
