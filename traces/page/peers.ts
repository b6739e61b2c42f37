/** Who took part in a run: peers, and their roles in the order in which they first did something. */
import type { Story } from '../read/story.ts'
import type { PagePeer } from './page-data.ts'

export type Cast = {
  readonly roles: readonly string[]
  readonly peers: readonly PagePeer[]
  /** Place of a peer; −1 of a name that is none. */
  placeOf(peer: string): number
  /** Place of a role; −1 of a name that is none. */
  roleOf(role: string): number
}

export function castOf(story: Story): Cast {
  const roles = [...new Set(story.conversations.map(({ role }) => role))]
  const hosts = new Map<string, string>()
  for (const { peer, conversation } of story.turns) if (!hosts.has(peer)) hosts.set(peer, conversation.role)
  for (const { peer, conversation } of story.takeovers)
    if (!hosts.has(peer)) hosts.set(peer, conversation.role)
  for (const { fromPeer } of story.messages) if (!hosts.has(fromPeer)) hosts.set(fromPeer, '')
  const peers = [...hosts].map(([name, role]) => ({
    ...{ name, role: roles.indexOf(role) },
    label: story.run !== undefined && name === `${role}-${story.run}` ? role : name,
  }))
  // Those of one role stand together, as far as their order allows.
  peers.sort((a, b) => a.role - b.role)
  const places = new Map(peers.map(({ name }, place) => [name, place]))
  return {
    roles,
    peers,
    placeOf: (peer) => places.get(peer) ?? -1,
    roleOf: (role) => roles.indexOf(role),
  }
}
