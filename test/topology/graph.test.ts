import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import { type Graph, graphOf } from '../../src/topology/graph.ts'
import type { Member } from '../../src/topology/member.ts'
import { isFixed, type OverlayData, overlaySchema } from '../../src/topology/overlay.ts'
import { TOPOLOGY_NAMES } from '../../src/topology/topology.ts'
import { anyMembers, crowd, membersOf, overlayNamed, withWhatItNeeds } from './members.ts'

const linksOf = (graph: Graph): string[] =>
  graph.members.flatMap(({ peer }) => graph.neighbours(peer).map((other) => `${peer} ${other}`))

const someEdges = overlaySchema.parse({
  kind: 'edges',
  edges: [
    ['planner', 'researcher'],
    ['planner', 'coder-1'],
    ['coder', 'reviewer-2'],
  ],
})

const anyOverlay: fc.Arbitrary<OverlayData> = fc.oneof(
  fc.constantFrom(...TOPOLOGY_NAMES.map((name) => overlayNamed(name)), someEdges),
  fc.integer().map((seed) => overlayNamed('random', seed)),
  fc
    .record({
      kind: fc.constant('small-world' as const),
      neighbours: fc.constantFrom(2, 4, 6),
      rewire: fc.constantFrom(0, 0.1, 0.5, 1),
      seed: fc.integer(),
    })
    .map((overlay) => overlaySchema.parse(overlay)),
  fc
    .integer({ min: 1, max: 5 })
    .map((degree) => overlaySchema.parse({ kind: 'tree', degree, root: 'coder' })),
)

const anyPair = (members: readonly Member[]) =>
  fc
    .tuple(fc.constantFrom(...members), fc.constantFrom(...members))
    .map(([a, b]) => [a.peer, b.peer] as const)

describe('a graph', () => {
  it.each(TOPOLOGY_NAMES)('of %s connects whoever is there', (name) => {
    fc.assert(
      fc.property(anyMembers, fc.integer(), (some, seed) => {
        const members = withWhatItNeeds(name, some)
        const graph = graphOf(overlayNamed(name, seed), members)
        const start = members[0]?.peer
        expect(members.filter(({ peer }) => graph.distance(start!, peer) === undefined)).toEqual([])
      }),
    )
  })

  it('leads whoever follows its hops along links to the end, in as many as it says', () => {
    const cases = fc
      .tuple(anyOverlay, anyMembers)
      .filter(([, members]) => members.length > 0)
      .chain(([overlay, members]) => fc.tuple(fc.constant(graphOf(overlay, members)), anyPair(members)))
    fc.assert(
      fc.property(cases, ([graph, [from, to]]) => {
        const way = [from]
        while (way.at(-1) !== to && way.length <= 50) {
          const hop = graph.next(way.at(-1)!, to)
          if (hop === undefined) break
          expect(graph.linked(way.at(-1)!, hop)).toBe(true)
          way.push(hop)
        }
        expect(graph.distance(from, to)).toBe(way.at(-1) === to ? way.length - 1 : undefined)
      }),
      { numRuns: 500 },
    )
  })

  it('has no shorter way than the one it takes, and takes the first of those in natural order', () => {
    fc.assert(
      fc.property(
        anyOverlay,
        anyMembers.filter(({ length }) => length > 0 && length < 12),
        (overlay, members) => {
          const graph = graphOf(overlay, members)
          for (const { peer: from } of members) {
            for (const { peer: to } of members) {
              if (from === to) continue
              const hops = graph
                .neighbours(from)
                .map((hop) => graph.distance(hop, to) ?? Number.POSITIVE_INFINITY)
              const least = Math.min(...hops)
              expect(graph.distance(from, to) ?? Number.POSITIVE_INFINITY).toBe(least + 1)
              const first = least === Number.POSITIVE_INFINITY ? -1 : hops.indexOf(least)
              expect(graph.next(from, to)).toBe(graph.neighbours(from)[first])
            }
          }
        },
      ),
    )
  })

  it('is the same whatever the order of its members, and whoever is named twice', () => {
    const cases = fc
      .tuple(anyOverlay, anyMembers)
      .chain(([overlay, members]) =>
        fc.tuple(
          fc.constant(overlay),
          fc.constant(members),
          fc.shuffledSubarray(members, { minLength: members.length }),
        ),
      )
    fc.assert(
      fc.property(cases, ([overlay, members, others]) => {
        const again = graphOf(overlay, [...others, ...members.slice(0, 3)])
        const graph = graphOf(overlay, members)
        expect(again.members).toEqual(graph.members)
        expect(linksOf(again)).toEqual(linksOf(graph))
      }),
    )
  })

  it('links both ways, each once and never to itself', () => {
    fc.assert(
      fc.property(anyOverlay, anyMembers, (overlay, members) => {
        const links = linksOf(graphOf(overlay, members))
        expect(new Set(links).size).toBe(links.length)
        const back = links.map((link) => link.split(' ').reverse().join(' '))
        expect(back.sort()).toEqual([...links].sort())
        expect(links.filter((link) => link.split(' ')[0] === link.split(' ')[1])).toEqual([])
      }),
    )
  })

  it('says of a fixed overlay from two peers alone what it says among all', () => {
    const cases = fc
      .tuple(
        anyOverlay.filter(isFixed),
        anyMembers.filter(({ length }) => length > 1),
      )
      .chain(([overlay, members]) =>
        fc.tuple(
          fc.constant(overlay),
          fc.constant(members),
          fc.shuffledSubarray(members, { minLength: 2, maxLength: 2 }),
        ),
      )
    fc.assert(
      fc.property(cases, ([overlay, members, two]) => {
        const [a, b] = two.map(({ peer }) => peer)
        const alone = graphOf(overlay, two).linked(a!, b!)
        expect(graphOf(overlay, members).linked(a!, b!)).toBe(alone)
      }),
    )
  })

  it.each(['ring', 'tree', 'small-world', 'random'] as const)('of %s is not fixed', (name) => {
    expect(isFixed(overlayNamed(name))).toBe(false)
  })

  it('knows nobody who is not a member', () => {
    const graph = graphOf({ kind: 'mesh' }, membersOf('coder-1', 'coder-2'))
    const [here, gone] = [peerId('coder-1'), peerId('coder-3')]
    expect(graph.neighbours(gone)).toEqual([])
    expect(graph.linked(here, gone)).toBe(false)
    expect(graph.next(here, gone)).toBeUndefined()
    expect(graph.next(gone, here)).toBeUndefined()
    expect(graph.distance(gone, gone)).toBeUndefined()
  })

  it('may always be spoken to by oneself, though nobody is a neighbour of their own', () => {
    const graph = graphOf({ kind: 'ring' }, membersOf('coder-1', 'coder-2'))
    const self = peerId('coder-1')
    expect(graph.linked(self, self)).toBe(true)
    expect(graph.next(self, self)).toBe(self)
    expect(graph.distance(self, self)).toBe(0)
    expect(graph.neighbours(self)).toEqual(['coder-2'])
  })

  it('finds the nearest of some, and nobody where none can be reached', () => {
    const graph = graphOf({ kind: 'ring' }, crowd(12))
    const [a, ...others] = graph.members.map(({ peer }) => peer)
    expect(graph.nearest(a!, [others[3]!, others[1]!, others[6]!])).toBe(others[1])
    expect(graph.nearest(a!, [peerId('nobody-1')])).toBeUndefined()
    expect(graph.nearest(a!, [])).toBeUndefined()
  })

  it('spreads askers over those who are as near to all of them', () => {
    const graph = graphOf({ kind: 'mesh' }, crowd(100))
    const peers = graph.members.map(({ peer }) => peer)
    const among = peers.slice(0, 4)
    const chosen = peers.slice(4).map((peer) => graph.nearest(peer, among))
    for (const peer of among) expect(chosen.filter((other) => other === peer).length).toBeGreaterThan(10)
  })

  it('does for a thousand members', () => {
    const members = crowd(1000)
    for (const name of TOPOLOGY_NAMES) {
      const graph = graphOf(overlayNamed(name), withWhatItNeeds(name, members))
      const [first, last] = [graph.members[0]!.peer, graph.members.at(-1)!.peer]
      expect(graph.distance(first, last)).toBeGreaterThan(0)
      expect(graph.distance(last, first)).toBe(graph.distance(first, last))
    }
  })
})
