/**
 * Who talked with whom: peers as nodes on a circle, roles side by side, and one edge for all messages from one to
 * another. What brings stake home is no talk, and only counted. The same run is always laid out the same.
 */
import { isAccounting } from '../read/sequence-steps.ts'
import type { Conversation, Message, Story } from '../read/story.ts'
import type { Cast } from './peers.ts'

export type Topology = {
  readonly nodes: readonly TopologyNode[]
  /** The busiest first. */
  readonly edges: readonly TopologyEdge[]
  /** Messages that bring stake home: they are in no edge. */
  readonly accounting: number
}

export type TopologyNode = {
  readonly label: string
  /** Place of its peer; −1 of a role whose messages nobody took. */
  readonly peer: number
  /** Place of its role; −1 where it is not known. */
  readonly role: number
  /** On the circle around 0,0 with the radius 1, clockwise from the top. */
  readonly x: number
  readonly y: number
  readonly conversations: number
  readonly turns: number
  readonly chats: number
  readonly tools: number
}

export type TopologyEdge = {
  /** Places of nodes. */
  readonly from: number
  readonly to: number
  readonly messages: number
  readonly failures: number
  /** The most frequent first. */
  readonly types: readonly (readonly [type: string, messages: number])[]
}

type Counts = { readonly conversations: Set<Conversation>; turns: number; chats: number; tools: number }

export function topologyOf(story: Story, cast: Cast): Topology {
  const talk = story.messages.filter((message) => !isAccounting(message))
  const untaken = new Set(talk.flatMap(({ taker, toRole }) => (taker === undefined ? [toRole] : [])))
  const names = [
    ...cast.peers.map(({ label, role }, peer) => ({ label, role, peer })),
    ...[...untaken].sort().map((role) => ({ label: `no ${role}`, role: cast.roleOf(role), peer: -1 })),
  ]
  const counts = countsOf(story)
  const nodes = names.map(({ label, role, peer }, index) => {
    const angle = (2 * Math.PI * index) / names.length - Math.PI / 2
    const { conversations, turns, chats, tools } = counts(cast.peers[peer]?.name)
    return {
      ...{ label, role, peer, x: rounded(Math.cos(angle)), y: rounded(Math.sin(angle)) },
      ...{ conversations: conversations.size, turns, chats, tools },
    }
  })
  const nobody = (role: string) => names.findIndex(({ label, peer }) => peer < 0 && label === `no ${role}`)
  return { nodes, edges: edgesOf(talk, cast, nobody), accounting: story.messages.length - talk.length }
}

/** Enough for a screen, and the same on every machine. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

function countsOf(story: Story): (peer: string | undefined) => Counts {
  const none = (): Counts => ({ conversations: new Set(), turns: 0, chats: 0, tools: 0 })
  const counts = new Map<string, Counts>()
  const of = (peer: string): Counts => {
    const known = counts.get(peer) ?? none()
    counts.set(peer, known)
    return known
  }
  for (const { peer, conversation } of story.turns) {
    of(peer).turns++
    of(peer).conversations.add(conversation)
  }
  for (const { peer, kind } of story.effects) {
    if (kind === 'chat') of(peer).chats++
    if (kind === 'tool') of(peer).tools++
  }
  return (peer) => (peer === undefined ? none() : of(peer))
}

function edgesOf(messages: readonly Message[], cast: Cast, nobody: (role: string) => number): TopologyEdge[] {
  const edges = new Map<string, { from: number; to: number; failures: number; types: Map<string, number> }>()
  for (const { fromPeer, taker, toRole, type, failure } of messages) {
    const from = cast.placeOf(fromPeer)
    const to = taker === undefined ? nobody(toRole) : cast.placeOf(taker.peer)
    const edge = edges.get(`${from} ${to}`) ?? { from, to, failures: 0, types: new Map<string, number>() }
    edges.set(`${from} ${to}`, edge)
    edge.types.set(type, (edge.types.get(type) ?? 0) + 1)
    if (failure !== undefined) edge.failures++
  }
  return [...edges.values()]
    .map(({ types, ...edge }) => ({
      ...edge,
      messages: [...types.values()].reduce((sum, count) => sum + count, 0),
      types: [...types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    }))
    .sort((a, b) => b.messages - a.messages || a.from - b.from || a.to - b.to)
}
