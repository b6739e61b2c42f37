import { describe, expect, it } from 'vitest'
import {
  meshHops,
  randomGraphHops,
  rewiredSmallWorldHops,
  ringHops,
  smallWorldHops,
} from '../../../lab/theory/mean-hops.ts'
import type { PeerId, RoleName } from '../../../protocols/ids.ts'
import { seededRandom } from '../../../src/time/random.ts'
import type { Shape } from '../../../src/topology/adjacency.ts'
import { random as randomShape } from '../../../src/topology/shapes/random.ts'
import { ring as ringShape } from '../../../src/topology/shapes/ring.ts'
import { smallWorld as smallWorldShape } from '../../../src/topology/shapes/small-world.ts'

type Edge = readonly [from: number, to: number]
const both = (edges: readonly Edge[]): Edge[] =>
  edges.flatMap(([a, b]): Edge[] => [
    [a, b],
    [b, a],
  ])
const upTo = (n: number) => Array.from({ length: n }, (_, at) => at)

/** Mean over all ordered pairs of peers of which one reaches the other, by breadth-first search. */
function measured(n: number, edges: readonly Edge[]): number {
  const next: number[][] = upTo(n).map(() => [])
  for (const [from, to] of edges) next[from]!.push(to)
  let [sum, pairs] = [0, 0]
  for (const start of upTo(n)) {
    const hops = new Map([[start, 0]])
    for (const [at, far] of hops) for (const to of next[at]!) if (!hops.has(to)) hops.set(to, far + 1)
    for (const far of hops.values()) sum += far
    pairs += hops.size - 1
  }
  return sum / pairs
}

const ring = (n: number): Edge[] => upTo(n).map((at) => [at, (at + 1) % n])

describe('mean hops', () => {
  it.each([2, 3, 4, 5, 10, 11, 24, 25])('of a ring of %i are what a search finds', (n) => {
    expect(ringHops(n)).toBeCloseTo(measured(n, both(ring(n))), 12)
  })

  it.each([2, 3, 8, 17])('of a mesh of %i are what a search finds', (n) => {
    expect(meshHops()).toBeCloseTo(
      measured(
        n,
        upTo(n).flatMap((a) =>
          upTo(n)
            .filter((b) => b !== a)
            .map((b): Edge => [a, b]),
        ),
      ),
      12,
    )
  })

  it.each([
    [200, 8],
    [300, 12],
  ])('of random graphs of %i, degree %i, are near what a search finds', (n, degree) => {
    const found = meanOver(
      4,
      (seed) => {
        const random = seededRandom(seed)
        return both(
          upTo(n).flatMap((a) =>
            upTo(a)
              .filter(() => random.next() < degree / (n - 1))
              .map((b): Edge => [a, b]),
          ),
        )
      },
      n,
    )
    expect(Math.abs(randomGraphHops(n, degree) / found - 1)).toBeLessThan(0.03)
  })

  it('of a random graph that falls into parts are refused', () => {
    expect(() => randomGraphHops(100, 1)).toThrow('falls into parts')
  })

  it.each([
    [100, 1, 0, 1e-9],
    [101, 2, 0, 1e-9],
    [30, 2, 6, 0.04],
    [100, 1, 10, 0.1],
    [100, 2, 40, 0.04],
    [200, 1, 1, 0.04],
    [200, 2, 8, 0.1],
  ])(
    'of small worlds of %i, reach %i, with %i shortcuts are near what a search finds',
    (n, reach, shortcuts, within) => {
      const found = meanOver(shortcuts === 0 ? 1 : 12, (seed) => smallWorld(n, reach, shortcuts, seed), n)
      const predicted = smallWorldHops(n, reach, shortcuts)
      expect(Math.abs(predicted / found - 1), `${predicted} against ${found}`).toBeLessThan(within)
    },
  )
})

describe('mean hops of the topologies themselves', () => {
  it('are exact for a ring', () => {
    expect(ringHops(14)).toBeCloseTo(measuredShape(14, ringShape), 12)
  })

  it.each([
    [10, 4, 0.1],
    [16, 8, 0.2],
    [60, 4, 0.1],
    [100, 4, 0.5],
    [100, 6, 0.3],
    [30, 4, 0],
    [30, 2, 0.5],
  ])('are near for a small world of %i, %i neighbours, %d rewired', (n, neighbours, rewire) => {
    const found = meanOf([1, 2, 3, 4], (seed) =>
      measuredShape(n, smallWorldShape({ kind: 'small-world', neighbours, rewire, seed })),
    )
    expect(Math.abs(rewiredSmallWorldHops(n, neighbours, rewire) / found - 1)).toBeLessThan(0.1)
  })

  it.each([
    [12, 4],
    [100, 4],
    [100, 8],
  ])('are near for a random graph of %i, degree %i', (n, degree) => {
    const found = meanOf([1, 2, 3, 4], (seed) =>
      measuredShape(n, randomShape({ kind: 'random', degree, seed })),
    )
    expect(Math.abs(randomGraphHops(n, degree) / found - 1)).toBeLessThan(0.06)
  })
})

function measuredShape(n: number, shape: Shape): number {
  const links = shape(
    upTo(n).map((at) => ({ peer: `researcher-${at + 1}` as PeerId, role: 'researcher' as RoleName })),
  )
  return measured(
    n,
    upTo(n).flatMap((from) => links.of(from).map((to): Edge => [from, to])),
  )
}

const meanOf = (seeds: readonly number[], of: (seed: number) => number): number =>
  seeds.reduce((sum, seed) => sum + of(seed), 0) / seeds.length

function smallWorld(n: number, reach: number, shortcuts: number, seed: number): Edge[] {
  const random = seededRandom(seed)
  const anyone = () => Math.floor(random.next() * n)
  const local = upTo(n).flatMap((at) => upTo(reach).map((step): Edge => [at, (at + step + 1) % n]))
  return both([...local, ...upTo(shortcuts).map((): Edge => [anyone(), anyone()])])
}

function meanOver(seeds: number, edges: (seed: number) => Edge[], n: number): number {
  return upTo(seeds).reduce((sum, seed) => sum + measured(n, edges(seed + 1)), 0) / seeds
}
