/** The same flock under every overlay and every placement: the same outcome, along the edges, whatever goes wrong. */
import { describe, expect, it } from 'vitest'
import { type PeerId, peerId, roleName } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { graphOf } from '../../src/topology/graph.ts'
import type { Member } from '../../src/topology/member.ts'
import { overlaySchema } from '../../src/topology/overlay.ts'
import { PLACEMENTS, type Placement, type Topology } from '../../src/topology/topology.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { errandsFlock } from './errands.ts'
import { relaysIn } from './relays.ts'

const SEEDS = Number(process.env.SEEDS ?? 1)
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
const RUNNERS = 4
const roles = [roleName('dispatcher'), roleName('runner')]
const members: Member[] = [
  { peer: peerId('dispatcher-1'), role: roles[0]! },
  ...Array.from({ length: RUNNERS }, (_, index) => ({
    peer: peerId(`runner-${index + 1}`),
    role: roles[1]!,
  })),
]

const OVERLAYS = {
  mesh: { kind: 'mesh' },
  star: { kind: 'star', hub: 'dispatcher' },
  pipeline: { kind: 'pipeline', stages: ['dispatcher', 'runner'] },
  ring: { kind: 'ring' },
  tree: { kind: 'tree', degree: 2 },
  'small-world': { kind: 'small-world', neighbours: 2 },
  random: { kind: 'random', degree: 2 },
  edges: {
    kind: 'edges',
    edges: [
      ['dispatcher', 'runner-1'],
      ['runner-1', 'runner'],
    ],
  },
  // What a runner reads that another has begun with has no edge to go along. One dispatcher more may join: who is no
  // hub asks the hub.
  strict: {
    kind: 'edges',
    edges: [
      ['dispatcher', 'runner'],
      ['dispatcher', 'dispatcher'],
    ],
    relay: false,
  },
} as const

const topologyOf = (name: keyof typeof OVERLAYS, placement: Placement): Topology => ({
  name,
  overlay: overlaySchema.parse(OVERLAYS[name]),
  wiring: 'peers',
  placement,
  roles,
})

function flockUnder(topology: Topology) {
  const flock = errandsFlock(['bread', 'milk', 'salt'], true)
  return {
    ...flock,
    topology,
    crew: flock.crew.map((post, index) => (index === 0 ? post : { ...post, count: RUNNERS })),
  }
}

/** The hops of every message between agents, as pairs. */
function hopsIn(journal: readonly ConversationRecord[]): [PeerId, PeerId][] {
  return journal.flatMap((record) => {
    const { took } = record
    const sent =
      took.id && journal.flatMap(({ outbox }) => outbox).find(({ message }) => message.id === took.id)
    if (!sent || sent.via?.kind === 'board') return []
    const { from, to, type } = sent.message
    if (from.role === 'origin' || to.role === 'origin' || type === runProtocol.messages.idle.type) return []
    const way = [from.peer, ...relaysIn(record), record.by.peer]
    return way.slice(1).map((peer, index): [PeerId, PeerId] => [way[index]!, peer])
  })
}

type Kind = readonly [keyof typeof OVERLAYS, Placement]

const everyKind: readonly Kind[] = Object.keys(OVERLAYS).flatMap((name) =>
  PLACEMENTS.map((placement) => [name as keyof typeof OVERLAYS, placement] as const),
)

describe.each(everyKind)('a run under %s with placement %s', (name, placement) => {
  it('does its work along the edges where nothing goes wrong', async () => {
    const topology = topologyOf(name, placement)
    const world = await simulate({ seed: 1, flock: flockUnder(topology), profile: PROFILES.none })
    expect(world.breach).toBeUndefined()
    expect(world.outcome).toBe('completed')
    const graph = graphOf(topology.overlay, members)
    const hops = hopsIn(world.journal)
    expect(hops.length).toBeGreaterThan(0)
    expect(hops.filter(([from, to]) => !graph.linked(from, to))).toEqual([])
  })
})

/** So many overlays, from one on, each with one of the placements; all of both with `SEEDS`. */
const someKinds = (first: number, count: number): readonly Kind[] => {
  const names = Object.keys(OVERLAYS) as (keyof typeof OVERLAYS)[]
  const kindAt = (at: number): Kind => [names[at % names.length]!, PLACEMENTS[at % PLACEMENTS.length]!]
  return process.env.SEEDS === undefined
    ? Array.from({ length: count }, (_, index) => kindAt(first + index))
    : everyKind
}

describe.each([
  ['fixed', 1, Object.keys(OVERLAYS).length],
  ['fresh', FRESH, 2],
])('in a storm, of %s seeds, from %d', (_, first, count) => {
  it.each(someKinds(first, count))(
    'a run under %s with placement %s breaks no invariant and ends',
    { timeout: 3_600_000 },
    async (name, placement) => {
      for (let seed = first; seed < first + SEEDS; seed++) {
        const flock = flockUnder(topologyOf(name, placement))
        const world = await simulate({ seed, flock, profile: PROFILES.storm })
        expect(world.breach, `seed ${seed}`).toBeUndefined()
        expect(world.outcome, `seed ${seed}: ${world.reason}`).toBe('completed')
      }
    },
  )
})
