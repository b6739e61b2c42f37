/** Which rows of the waterfall are folded when a page opens: those that the terminal's waterfall folds. */
import { foldLong, hasFailedBelow } from '../read/rows.ts'
import type { TraceNode } from '../read/tree.ts'

export type PageFold = {
  /** The spans from this place to before that one, `spans` of them siblings, stand in one row. */
  readonly from: number
  readonly to: number
  readonly spans: number
}

/** `nodes` are all of the tree, each before those below it. In the order of their places; one may lie in another. */
export function foldsOf(roots: readonly TraceNode[], nodes: readonly TraceNode[]): PageFold[] {
  const places = new Map(nodes.map((node, place) => [node, place]))
  const ends = endsOf(nodes, places)
  const failed = hasFailedBelow(nodes)
  const folds: PageFold[] = []
  for (const siblings of [roots, ...nodes.map(({ children }) => children)])
    for (const item of foldLong(siblings, (node) => failed.has(node)))
      if (!('span' in item)) {
        const to = ends[places.get(item.at(-1)!)!]!
        folds.push({ from: places.get(item[0]!)!, to, spans: item.length })
      }
  return folds.sort((a, b) => a.from - b.from || b.to - a.to)
}

/** For each place the one after the last span below it. */
function endsOf(nodes: readonly TraceNode[], places: ReadonlyMap<TraceNode, number>): number[] {
  const ends = nodes.map((_, place) => place + 1)
  for (let place = nodes.length - 1; place >= 0; place--) {
    const last = nodes[place]!.children.at(-1)
    if (last !== undefined) ends[place] = ends[places.get(last)!]!
  }
  return ends
}
