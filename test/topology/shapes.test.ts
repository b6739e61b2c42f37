import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import { type Graph, graphOf } from '../../src/topology/graph.ts'
import type { Member } from '../../src/topology/member.ts'
import { type OverlayData, overlaySchema } from '../../src/topology/overlay.ts'
import { anyMembers, crowd, member, membersOf, overlayNamed } from './members.ts'

const graph = (overlay: unknown, members: readonly Member[]): Graph =>
  graphOf(overlaySchema.parse(overlay), members)

const names = (graph: Graph) => graph.members.map(({ peer }) => peer as string)

/** `a b` for each link, once. */
const linksOf = (graph: Graph): string[] =>
  names(graph).flatMap((from) =>
    graph.neighbours(peerId(from)).flatMap((to) => (from < to ? [`${from} ${to}`] : [])),
  )

const neighbours = (graph: Graph, peer: string) => graph.neighbours(peerId(peer))

/** How many links a death takes and makes, besides those of whoever died: the worst of all deaths, and the mean. */
function churn(overlay: OverlayData, members: readonly Member[]): { worst: number; mean: number } {
  const before = linksOf(graphOf(overlay, members))
  const changes = members.map(({ peer: dead }) => {
    const kept = new Set(before.filter((link) => !link.split(' ').includes(dead)))
    const after = new Set(
      linksOf(
        graphOf(
          overlay,
          members.filter(({ peer }) => peer !== dead),
        ),
      ),
    )
    return (
      [...kept].filter((link) => !after.has(link)).length +
      [...after].filter((link) => !kept.has(link)).length
    )
  })
  return {
    worst: Math.max(...changes),
    mean: changes.reduce((sum, count) => sum + count, 0) / changes.length,
  }
}

describe('a mesh', () => {
  it('links everybody with everybody', () => {
    const mesh = graph({ kind: 'mesh' }, crowd(5))
    expect(linksOf(mesh)).toHaveLength(10)
  })

  it('moves no other link when somebody dies', () => {
    expect(churn({ kind: 'mesh' }, crowd(8))).toEqual({ worst: 0, mean: 0 })
  })
})

describe('a star', () => {
  const members = membersOf('supervisor-1', 'coder-1', 'coder-2', 'reviewer-1')

  it('takes two hops from leaf to leaf, through the hub', () => {
    fc.assert(
      fc.property(anyMembers, (leaves) => {
        const star = graph({ kind: 'star' }, [...leaves, member('supervisor-1')])
        const ways = leaves.flatMap(({ peer: from }) =>
          leaves.flatMap(({ peer: to }) =>
            from === to ? [] : [`${star.distance(from, to)} ${star.next(from, to)} ${star.linked(from, to)}`],
          ),
        )
        expect(ways.filter((way) => way !== '2 supervisor-1 false')).toEqual([])
        expect(leaves.filter(({ peer }) => star.neighbours(peer).length !== 1)).toEqual([])
      }),
    )
  })

  it('has a peer for a hub where one is named', () => {
    const star = graph({ kind: 'star', hub: 'coder-2' }, members)
    expect(neighbours(star, 'coder-2')).toEqual(['coder-1', 'reviewer-1', 'supervisor-1'])
    expect(neighbours(star, 'coder-1')).toEqual(['coder-2'])
  })

  it('connects nobody while its hub is gone', () => {
    expect(linksOf(graph({ kind: 'star' }, members.slice(1)))).toEqual([])
  })

  it('with two hubs goes through the first, and through the other when that one dies', () => {
    const two = [...members, member('supervisor-2')]
    const [from, to] = [peerId('coder-1'), peerId('coder-2')]
    expect(graph({ kind: 'star' }, two).next(from, to)).toBe('supervisor-1')
    expect(graph({ kind: 'star' }, two.slice(1)).next(from, to)).toBe('supervisor-2')
  })
})

describe('a pipeline', () => {
  const stages = ['planner', 'coder', 'reviewer']
  const members = membersOf('planner-1', 'coder-1', 'coder-2', 'reviewer-1', 'researcher-1')

  it('links a peer with the stage before and the stage after', () => {
    const pipeline = graph({ kind: 'pipeline', stages }, members)
    expect(neighbours(pipeline, 'coder-1')).toEqual(['planner-1', 'reviewer-1'])
    expect(neighbours(pipeline, 'planner-1')).toEqual(['coder-1', 'coder-2'])
    expect(pipeline.distance(peerId('planner-1'), peerId('reviewer-1'))).toBe(2)
  })

  it('leaves out whoever is of no stage', () => {
    expect(neighbours(graph({ kind: 'pipeline', stages }, members), 'researcher-1')).toEqual([])
  })

  it('lets work return to a role that comes twice', () => {
    const pipeline = graph(
      { kind: 'pipeline', stages: ['coder', 'reviewer', 'coder', 'researcher'] },
      members,
    )
    expect(neighbours(pipeline, 'coder-1')).toEqual(['researcher-1', 'reviewer-1'])
    expect(neighbours(pipeline, 'researcher-1')).toEqual(['coder-1', 'coder-2'])
  })

  it('is cut in two while a stage has nobody', () => {
    const pipeline = graph({ kind: 'pipeline', stages }, membersOf('planner-1', 'reviewer-1'))
    expect(pipeline.next(peerId('planner-1'), peerId('reviewer-1'))).toBeUndefined()
  })
})

describe('a ring', () => {
  it('links each with two others', () => {
    const rings = anyMembers.filter(({ length }) => length > 2)
    fc.assert(
      fc.property(rings, (members) => {
        const ring = graph({ kind: 'ring' }, members)
        expect(members.filter(({ peer }) => ring.neighbours(peer).length !== 2)).toEqual([])
      }),
    )
  })

  it('goes round in natural order', () => {
    const ring = graph({ kind: 'ring' }, membersOf('coder-10', 'coder-9', 'planner-1', 'coder-2'))
    expect(names(ring)).toEqual(['coder-2', 'coder-9', 'coder-10', 'planner-1'])
    expect(neighbours(ring, 'coder-2')).toEqual(['coder-9', 'planner-1'])
  })

  it('of two is one link, and of one none', () => {
    expect(linksOf(graph({ kind: 'ring' }, crowd(2)))).toHaveLength(1)
    expect(linksOf(graph({ kind: 'ring' }, crowd(1)))).toEqual([])
  })

  it('closes over the gap that a death leaves, and moves no other link', () => {
    expect(churn({ kind: 'ring' }, crowd(12))).toEqual({ worst: 1, mean: 1 })
  })
})

describe('a tree', () => {
  it('has one link fewer than members', () => {
    const trees = anyMembers.filter(({ length }) => length > 0)
    fc.assert(
      fc.property(trees, fc.integer({ min: 1, max: 6 }), (members, degree) => {
        expect(linksOf(graph({ kind: 'tree', degree }, members))).toHaveLength(members.length - 1)
      }),
    )
  })

  it('hangs at most its degree below one', () => {
    const tree = graph({ kind: 'tree', degree: 3 }, crowd(40))
    for (const peer of names(tree)) expect(neighbours(tree, peer).length).toBeLessThanOrEqual(4)
  })

  it('has the first peer of the first role for its root, and the next when that one dies', () => {
    const members = membersOf('coder-1', 'coder-2', 'planner-2', 'planner-10', 'reviewer-1')
    const overlay = overlayNamed('tree')
    const tree = graphOf(overlay, members)
    expect(neighbours(tree, 'planner-2')).toEqual(['coder-1', 'coder-2'])
    expect(neighbours(tree, 'coder-1')).toEqual(['planner-2', 'planner-10', 'reviewer-1'])
    const later = graphOf(
      overlay,
      members.filter(({ peer }) => peer !== 'planner-2'),
    )
    expect(neighbours(later, 'planner-10')).toEqual(['coder-1', 'coder-2'])
  })
})

describe('a small world', () => {
  const kind = 'small-world'
  const length = (world: Graph) => {
    const [first, ...others] = names(world).map(peerId)
    return others.reduce((sum, other) => sum + world.distance(first!, other)!, 0) / others.length
  }

  it('is the lattice where nothing is moved', () => {
    const world = graph(
      { kind, neighbours: 4, rewire: 0 },
      membersOf(...'12345678'.split('').map((n) => `coder-${n}`)),
    )
    expect(neighbours(world, 'coder-4')).toEqual(['coder-2', 'coder-3', 'coder-5', 'coder-6'])
    expect(neighbours(world, 'coder-1')).toEqual(['coder-2', 'coder-3', 'coder-7', 'coder-8'])
  })

  it('has the links of the lattice in number, and the ring among them, however many are moved', () => {
    const worlds = fc.record({
      kind: fc.constant(kind),
      neighbours: fc.constantFrom(2, 4, 8),
      rewire: fc.constantFrom(0, 0.1, 0.5, 1),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 40 }), (overlay, size) => {
        const world = graph(overlay, crowd(size))
        const lattice = graph({ ...overlay, rewire: 0 }, crowd(size))
        const links = linksOf(world)
        expect(links).toHaveLength(linksOf(lattice).length)
        const ring = linksOf(graph({ kind: 'ring' }, crowd(size)))
        expect(ring.filter((link) => !links.includes(link))).toEqual([])
      }),
    )
  })

  it('links everybody with everybody where there are fewer than it has neighbours', () => {
    expect(linksOf(graph({ kind, neighbours: 20, rewire: 0.5 }, crowd(6)))).toHaveLength(15)
  })

  it('moves about as many links as it should', () => {
    const members = crowd(500)
    const lattice = new Set(linksOf(graph({ kind, neighbours: 6, rewire: 0 }, members)))
    const moved = linksOf(graph({ kind, neighbours: 6, rewire: 0.2 }, members)).filter(
      (link) => !lattice.has(link),
    )
    expect(moved.length).toBeGreaterThan(150) // of 1,000 that may be moved, 200
    expect(moved.length).toBeLessThan(250)
  })

  it('is smaller than its lattice', () => {
    const members = crowd(400)
    const lattice = length(graph({ kind, rewire: 0 }, members))
    expect(length(graph({ kind, rewire: 0.1 }, members))).toBeLessThan(lattice / 3)
  })

  it('is another of another seed', () => {
    const [one, two] = [1, 2].map((seed) => linksOf(graph({ kind, seed }, crowd(60))))
    expect(one).not.toEqual(two)
  })

  it('moves few other links when somebody dies', () => {
    expect(churn(overlaySchema.parse({ kind }), crowd(60)).mean).toBeLessThan(5)
  })
})

describe('a random graph', () => {
  const kind = 'random'

  it('has about its degree on average', () => {
    const links = linksOf(graph({ kind, degree: 6 }, crowd(400))).length
    expect((links * 2) / 400).toBeGreaterThan(5)
    expect((links * 2) / 400).toBeLessThan(7)
  })

  it('is chained together where its degree is too low for one part, with no link too many', () => {
    const sparse = graph({ kind, degree: 0.000001 }, crowd(30))
    expect(linksOf(sparse)).toHaveLength(29)
  })

  it('is another of another seed', () => {
    const [one, two] = [1, 2].map((seed) => linksOf(graph({ kind, seed }, crowd(60))))
    expect(one).not.toEqual(two)
  })

  it('moves few other links when somebody dies', () => {
    expect(churn(overlaySchema.parse({ kind }), crowd(60)).mean).toBeLessThan(5)
  })
})

describe('edges', () => {
  const members = membersOf('planner-1', 'researcher-1', 'coder-1', 'coder-2', 'reviewer-1')
  const kind = 'edges'

  it('link all peers of a role, and of named peers those that are named', () => {
    const edges = [
      ['planner', 'coder'],
      ['coder-2', 'reviewer'],
    ]
    const some = graph({ kind, edges }, members)
    expect(linksOf(some)).toEqual(['coder-1 planner-1', 'coder-2 planner-1', 'coder-2 reviewer-1'])
    expect(some.next(peerId('coder-1'), peerId('reviewer-1'))).toBe('planner-1')
    expect(some.distance(peerId('coder-1'), peerId('reviewer-1'))).toBe(3)
    expect(some.next(peerId('coder-1'), peerId('researcher-1'))).toBeUndefined()
  })

  it('link the peers of a role with each other where the role is at both ends', () => {
    const some = graph({ kind, edges: [['coder', 'coder']] }, members)
    expect(linksOf(some)).toEqual(['coder-1 coder-2'])
  })

  it('lead one way where they are directed', () => {
    const edges = [
      ['planner', 'coder'],
      ['coder', 'reviewer'],
    ]
    const some = graph({ kind, edges, directed: true }, members)
    const [planner, reviewer] = [peerId('planner-1'), peerId('reviewer-1')]
    expect([some.distance(planner, reviewer), some.distance(reviewer, planner)]).toEqual([2, undefined])
    expect(some.linked(peerId('coder-1'), planner)).toBe(false)
  })

  it('are all there is where nobody passes anything on', () => {
    const edges = [
      ['planner', 'coder'],
      ['coder', 'reviewer'],
    ]
    const some = graph({ kind, edges, relay: false }, members)
    expect(some.next(peerId('planner-1'), peerId('coder-1'))).toBe('coder-1')
    expect(some.next(peerId('planner-1'), peerId('reviewer-1'))).toBeUndefined()
    expect(some.distance(peerId('planner-1'), peerId('reviewer-1'))).toBeUndefined()
  })
})

describe('what is drawn', () => {
  it('stays as it is from version to version, since peers of two versions must agree on it', () => {
    const members = membersOf(...'12345678'.split('').map((n) => `coder-${n}`))
    const drawn = (overlay: unknown) =>
      linksOf(graph(overlay, members))
        .map((link) => link.replaceAll('coder-', '').replace(' ', '-'))
        .join(' ')
    expect(drawn({ kind: 'small-world', rewire: 0.5, seed: 1 })).toMatchInlineSnapshot(
      `"1-2 1-3 1-4 1-8 2-3 2-6 2-7 3-4 3-8 4-5 4-7 4-8 5-6 5-7 6-7 7-8"`,
    )
    expect(drawn({ kind: 'random', degree: 3, seed: 1 })).toMatchInlineSnapshot(
      `"1-7 1-8 2-4 2-5 3-5 4-5 4-6 5-7 5-8 6-7 6-8 7-8"`,
    )
  })
})
