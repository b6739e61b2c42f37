/** Views of peers for the tests of topologies. */
import fc from 'fast-check'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Member } from '../../src/topology/member.ts'
import { type TopologyName, topologyNamed } from '../../src/topology/topology.ts'

export const ROLES = ['planner', 'researcher', 'coder', 'reviewer'].map(roleName)

/** `researcher-2` of the role `researcher`. */
export const member = (peer: string): Member => ({
  peer: peerId(peer),
  role: roleName(peer.slice(0, peer.lastIndexOf('-'))),
})

export const membersOf = (...peers: string[]): Member[] => peers.map(member)

/** `size` peers, spread over the roles. */
export const crowd = (size: number): Member[] =>
  Array.from({ length: size }, (_, at) =>
    member(`${ROLES[at % ROLES.length]}-${Math.floor(at / ROLES.length) + 1}`),
  )

/** Up to 40 peers of any of the roles, in any order. */
export const anyMembers: fc.Arbitrary<Member[]> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ROLES), fc.integer({ min: 1, max: 30 })), {
    maxLength: 40,
    selector: ([role, number]) => `${role}-${number}`,
  })
  .map((peers) => peers.map(([role, number]) => member(`${role}-${number}`)))

/** What a built-in topology must have among its members to hang together. */
export function withWhatItNeeds(name: TopologyName, members: readonly Member[]): Member[] {
  const needed =
    name === 'star' ? ['supervisor-1'] : name === 'pipeline' ? ROLES.map((role) => `${role}-1`) : []
  const there = new Set<string>(members.map(({ peer }) => peer))
  return [...members, ...needed.filter((peer) => !there.has(peer)).map(member)]
}

export const overlayNamed = (name: TopologyName, seed?: number) =>
  topologyNamed(name, { roles: ROLES, ...(seed === undefined ? {} : { seed }) }).overlay
