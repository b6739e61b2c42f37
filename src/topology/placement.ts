/**
 * Which peer takes a piece of work: pure choices over the view, so that whoever sees the same chooses the same. Who
 * asks, and how bids and counts come about, is the protocols' business. Nobody to choose from gives undefined.
 */
import type { ConversationId, PeerId } from '../../protocols/ids.ts'
import { combine, hashOf } from './hash.ts'
import { naturalOrder } from './member.ts'

/**
 * The peer that a conversation belongs to: the highest hash of the two (rendezvous hashing: Thaler and Ravishankar,
 * 1998). When a peer leaves, only its conversations move; when one joins, only those that move to it.
 */
export const byHash = (conversation: ConversationId, peers: readonly PeerId[]): PeerId | undefined =>
  cheapest(conversation, peers, () => 0)

export type Bid = {
  readonly peer: PeerId
  /** Conversations that it has in hand. */
  readonly load: number
  /** How good it is at this work: higher is better. */
  readonly skill: number
}

/** The award of an auction: the least load, then the highest skill, then the hash of the conversation and the peer. */
export function leastLoaded(conversation: ConversationId, bids: readonly Bid[]): PeerId | undefined {
  const bidOf = new Map(bids.map((bid) => [bid.peer, bid]))
  return cheapest(conversation, [...bidOf.keys()], (a, b) => {
    const [left, right] = [bidOf.get(a)!, bidOf.get(b)!]
    return left.load - right.load || right.skill - left.skill
  })
}

/**
 * Whom a hub hands work to: whoever has been handed the least so far, which goes round where all are there from the
 * beginning; between equals, the hash.
 * @param assigned how much each peer has been handed; one that is not in it has been handed nothing
 */
export const leastAssigned = (
  conversation: ConversationId,
  peers: readonly PeerId[],
  assigned: ReadonlyMap<PeerId, number>,
): PeerId | undefined =>
  cheapest(conversation, peers, (a, b) => (assigned.get(a) ?? 0) - (assigned.get(b) ?? 0))

/** The first by `order`; between equals the one of the highest hash, and of equal hashes the first by name. */
function cheapest(
  conversation: ConversationId,
  peers: readonly PeerId[],
  order: (a: PeerId, b: PeerId) => number,
): PeerId | undefined {
  const seed = hashOf(conversation)
  let best: PeerId | undefined
  let highest = -1
  for (const peer of peers) {
    const hash = combine(seed, hashOf(peer))
    const wins = best === undefined || (order(peer, best) || highest - hash || naturalOrder(peer, best)) < 0
    if (!wins) continue
    best = peer
    highest = hash
  }
  return best
}
