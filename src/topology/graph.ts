/**
 * The graph of an overlay over a view of peers: a pure function of both. Joins and deaths change the view and so the
 * graph, and everybody makes it anew; each shape says how much a small change moves. Two peers whose views differ may
 * disagree on a hop for a while, which the hop count of a message bounds.
 *
 * - **G1** The same members, in whatever order, give the same graph.
 * - **G2** Whoever follows `next` arrives in `distance` hops: each hop is one nearer.
 */
import type { PeerId } from '../../protocols/ids.ts'
import { combine, hashOf } from './hash.ts'
import { inOrder, type Member } from './member.ts'
import { type OverlayData, relays, shapeOf } from './overlay.ts'

/** Who is not among the members has no neighbours and is never reached. */
export interface Graph {
  /** Each once, in natural order. */
  readonly members: readonly Member[]
  /** Whom this one may send to directly, in natural order, without itself. */
  neighbours(peer: PeerId): readonly PeerId[]
  /** Whether `a` may send to `b` directly. To itself everybody may. */
  linked(a: PeerId, b: PeerId): boolean
  /**
   * The first hop of a shortest path, the first in natural order where there are several: `to` itself where they are
   * linked. Undefined where there is no way.
   */
  next(from: PeerId, to: PeerId): PeerId | undefined
  /** In hops. Undefined where there is no way. */
  distance(from: PeerId, to: PeerId): number | undefined
  /**
   * The one of the fewest hops that can be reached. Where several are as near, a hash of the two names decides, so that
   * not everybody turns to the same.
   */
  nearest(from: PeerId, among: readonly PeerId[]): PeerId | undefined
}

/** Searching costs time and memory in proportion to members and links, once for each source that is asked about. */
export function graphOf(overlay: OverlayData, members: readonly Member[]): Graph {
  const ordered = inOrder(members) // G1
  const numbers = new Map(ordered.map(({ peer }, number) => [peer, number]))
  const links = shapeOf(overlay)(ordered)
  const searches = new Map<number, Search>()

  /** The way between two members, where both are there. */
  function way(from: PeerId, to: PeerId): Way | undefined {
    const [source, target] = [numbers.get(from), numbers.get(to)]
    if (source === undefined || target === undefined) return undefined
    if (source === target) return { hop: to, hops: 0 }
    if (links.has(source, target)) return { hop: to, hops: 1 }
    if (!relays(overlay)) return undefined
    const search = searches.get(source) ?? searchFrom(source, ordered.length, links.of)
    searches.set(source, search)
    const hops = search.hops[target]!
    return hops < 0 ? undefined : { hop: ordered[search.first[target]!]!.peer, hops }
  }

  return {
    members: ordered,
    neighbours(peer) {
      const number = numbers.get(peer)
      if (number === undefined) return []
      return links.of(number).flatMap((other) => (other === number ? [] : [ordered[other]!.peer]))
    },
    linked: (a, b) => (way(a, b)?.hops ?? 2) < 2,
    next: (from, to) => way(from, to)?.hop,
    distance: (from, to) => way(from, to)?.hops,
    nearest(from, among) {
      const source = hashOf(from)
      const reached = among.flatMap((peer) => {
        const hops = way(from, peer)?.hops
        return hops === undefined ? [] : [{ peer, hops, tie: combine(source, hashOf(peer)) }]
      })
      const best = (a: Reached, b: Reached) =>
        (a.hops - b.hops || a.tie - b.tie || (a.peer < b.peer ? -1 : 1)) < 0
      return reached.reduce<Reached | undefined>((a, b) => (a === undefined || best(b, a) ? b : a), undefined)
        ?.peer
    },
  }
}

type Way = { readonly hop: PeerId; readonly hops: number }
type Reached = { readonly peer: PeerId; readonly hops: number; readonly tie: number }

/** By member: hops from the source, -1 where there is no way, and the first of them. */
type Search = { readonly hops: Int32Array; readonly first: Int32Array }

/**
 * Breadth first. Since lists ascend and whoever is found first is searched first, members are found in the order of
 * their first hop: the first way that is found is the first of the shortest.
 */
function searchFrom(source: number, size: number, of: (member: number) => readonly number[]): Search {
  const hops = new Int32Array(size).fill(-1)
  const first = new Int32Array(size).fill(-1)
  const scanned = new Set<readonly number[]>() // whoever shares a list finds nobody new
  hops[source] = 0
  const found = [source]
  for (const from of found) {
    const list = of(from)
    if (scanned.has(list)) continue
    scanned.add(list)
    for (const to of list) {
      if (hops[to] !== -1) continue
      hops[to] = hops[from]! + 1
      first[to] = from === source ? to : first[from]!
      found.push(to)
    }
  }
  return { hops, first }
}
