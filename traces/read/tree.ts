/**
 * Spans as a forest, by parent, in causal order.
 *
 * Hosts' clocks differ, and a span that was made on a slow one seems to begin before the send that caused it. Here
 * nothing does: each clock is first moved forward by as little as makes all its spans follow their causes, and where
 * no such offset exists, because a clock drifted or was set, the single span is moved. Only the times of a node are
 * moved; its span keeps those it came with.
 */
import type { Span } from '../span.ts'
import { byTurn, causesIn, inCausalOrder, keyOf, parentKey } from './causes.ts'
import { clockOf, clockOffsets } from './clocks.ts'

export type TraceNode = {
  readonly span: Span
  readonly children: TraceNode[]
  /** When to show it, in milliseconds: the span's times, moved by `shiftMs`. */
  readonly startMs: number
  readonly endMs: number
  readonly shiftMs: number
  /** Its place among all nodes: after all that led to it. What begins in the same moment is told in this order. */
  readonly rank: number
  /** It names a parent that is not among the spans. */
  readonly orphan: boolean
}

export type TraceTree = {
  /** Spans without a parent, oldest first, and after them the orphans. A whole trace has one root. */
  readonly roots: readonly TraceNode[]
  readonly orphans: readonly TraceNode[]
  /** One copy of each span that came more than once and was left out. */
  readonly duplicates: readonly Span[]
  /** Number of nodes. */
  readonly size: number
}

/** All nodes, each before its children. */
export function* nodesOf(nodes: readonly TraceNode[]): Generator<TraceNode> {
  const rest = [...nodes].reverse()
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    yield node
    // One by one: a call takes fewer arguments than a node may have children.
    for (let index = node.children.length - 1; index >= 0; index--) rest.push(node.children[index]!)
  }
}

/** Arranges spans, of one trace or several, whatever their order. */
export function traceTree(spans: readonly Span[]): TraceTree {
  const { byId, duplicates } = distinct(spans)
  const childrenOf = new Map<string, Span[]>()
  const tops: Span[] = []
  const adrift: Span[] = []
  for (const span of byId.values()) {
    const parent = parentKey(span)
    if (parent === undefined) tops.push(span)
    else if (!byId.has(parent)) adrift.push(span)
    else {
      const siblings = childrenOf.get(parent)
      if (siblings === undefined) childrenOf.set(parent, [span])
      else siblings.push(span)
    }
  }

  const times = timesOf(byId)
  const placed = new Set<Span>()
  const nodeOf = (span: Span, orphan: boolean): TraceNode => {
    const { startMs, endMs, shiftMs, rank } = times.get(span)!
    return { span, children: [], startMs, endMs, shiftMs, rank, orphan }
  }
  /** Places a span and all below it; a loop, since a chain of causes may be longer than the call stack. */
  function place(top: Span, orphan: boolean): TraceNode {
    const root = nodeOf(top, orphan)
    const open = [root]
    placed.add(top)
    for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
      for (const span of childrenOf.get(keyOf(parent.span)) ?? []) {
        if (placed.has(span)) continue
        placed.add(span)
        const child = nodeOf(span, false)
        parent.children.push(child)
        open.push(child)
      }
      parent.children.sort(causally)
    }
    return root
  }

  const roots = tops.map((span) => place(span, false)).sort(causally)
  const orphans = adrift.map((span) => place(span, true)).sort(causally)
  // What is left are parents of each other, which only a broken writer makes. They are shown nonetheless.
  for (const span of byId.values()) if (!placed.has(span)) orphans.push(place(span, true))
  return { roots: [...roots, ...orphans], orphans, duplicates, size: byId.size }
}

type Shown = Pick<TraceNode, 'startMs' | 'endMs' | 'shiftMs' | 'rank'>

/** When each span is shown: by its clock, moved with its parent where that has the same one, and after its causes. */
function timesOf(byId: ReadonlyMap<string, Span>): ReadonlyMap<Span, Shown> {
  const causes = causesIn(byId)
  const offsets = clockOffsets(byId, causes)
  const times = new Map<Span, Shown>()
  for (const span of inCausalOrder(byId, causes)) {
    const clock = clockOf(span)
    let shiftMs = offsets.get(clock)!
    let earliestMs = Number.NEGATIVE_INFINITY
    for (const { span: cause, isDone } of causes.get(span) ?? []) {
      const shown = times.get(cause)
      if (shown === undefined) continue
      earliestMs = Math.max(earliestMs, isDone ? shown.endMs : shown.startMs)
      const isParent = cause.spanId === span.parentSpanId && cause.traceId === span.traceId
      if (isParent && clockOf(cause) === clock) shiftMs = shown.shiftMs
    }
    const startMs = Math.max(span.startMs + shiftMs, earliestMs)
    const endMs = startMs + Math.max(0, span.endMs - span.startMs)
    times.set(span, { startMs, endMs, shiftMs: startMs - span.startMs, rank: times.size })
  }
  return times
}

/** Of two copies the longer one, else the later one, knows more: the other was cut short by a crash. */
function distinct(spans: readonly Span[]): { byId: Map<string, Span>; duplicates: Span[] } {
  const byId = new Map<string, Span>()
  const duplicates: Span[] = []
  for (const span of spans) {
    const key = keyOf(span)
    const other = byId.get(key)
    if (other === undefined || outranks(span, other)) byId.set(key, span)
    if (other !== undefined) duplicates.push(outranks(span, other) ? other : span)
  }
  return { byId, duplicates }
}

function outranks(span: Span, other: Span): boolean {
  const longer = span.endMs - span.startMs - (other.endMs - other.startMs)
  return longer === 0 ? span.endMs > other.endMs : longer > 0
}

/** In order of time; where the clock is too coarse, of turns and of messages; in the end of whatever stays the same. */
const causally = (a: TraceNode, b: TraceNode): number => a.startMs - b.startMs || byTurn(a.span, b.span)
