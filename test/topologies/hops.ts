/**
 * The way of each message of a run, as its trace tells it: from its sender, by whoever passed it on, to its taker. The
 * goal, its answer and the accounts of a run pass between an agent and the origin, which stands in no overlay; and what
 * lay on the blackboard travelled along no edge. These have no hops here.
 */
import { peerId } from '../../protocols/ids.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import type { Graph } from '../../src/topology/graph.ts'
import { SKEIN } from '../../traces/names.ts'
import type { Message, Story } from '../../traces/read/story.ts'

export type Hop = { readonly message: Message; readonly from: string; readonly to: string }

/** Messages between agents, whatever way they went. */
export const talkIn = ({ messages }: Story): readonly Message[] =>
  messages.filter(({ sender, toRole }) => sender?.conversation.role !== ORIGIN_ROLE && toRole !== ORIGIN_ROLE)

export const isFromBoard = ({ node }: Message): boolean => node.span.attributes[SKEIN.via] === 'board'

/** Every hop of every message between agents, in the order of their way. */
export function hopsIn(story: Story): readonly Hop[] {
  return talkIn(story).flatMap((message) => {
    if (isFromBoard(message)) return []
    const { fromPeer, relays, taker } = message
    const way = [fromPeer, ...relays.map(({ peer }) => peer), ...(taker === undefined ? [] : [taker.peer])]
    return way.slice(1).map((to, index): Hop => ({ message, from: way[index]!, to }))
  })
}

/** Hops along no edge. */
export const strayHops = (hops: readonly Hop[], graph: Graph): readonly Hop[] =>
  hops.filter(({ from, to }) => !graph.linked(peerId(from), peerId(to)))
