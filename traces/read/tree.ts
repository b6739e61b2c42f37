/**
 * Spans as a forest, by parent, in causal order.
 *
 * Hosts' clocks differ, and a span that was made on a slow one seems to begin before the send that caused it. Here
 * nothing does: each clock is first moved forward by as little as makes all its spans follow their causes (parents
 * and links), and where no such offset exists, because a clock drifted or was set, the single span is moved. Only
 * the times of a node are moved; its span keeps those it came with.
 */
import { MESSAGING, RESOURCE, SKEIN } from '../names.ts'
import type { Span } from '../span.ts'

export type TraceNode = {
  readonly span: Span
  readonly children: TraceNode[]
  /** When to show it, in milliseconds: the span's times, moved by `shiftMs`. */
  readonly startMs: number
  readonly endMs: number
  readonly shiftMs: number
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
  const offsets = clockOffsets(byId)
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

  const placed = new Set<Span>()
  /** Places a span and all below it; a loop, since a chain of causes may be longer than the call stack. */
  function place(top: Span, orphan: boolean): TraceNode {
    const root = nodeOf(top, offsets.get(clockOf(top))!, Number.NEGATIVE_INFINITY, orphan)
    const open = [root]
    placed.add(top)
    for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
      for (const span of childrenOf.get(keyOf(parent.span)) ?? []) {
        if (placed.has(span)) continue
        placed.add(span)
        const sameClock = clockOf(span) === clockOf(parent.span)
        const shiftMs = sameClock ? parent.shiftMs : offsets.get(clockOf(span))!
        const child = nodeOf(span, shiftMs, parent.startMs, false)
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

function nodeOf(span: Span, shiftMs: number, earliestMs: number, orphan: boolean): TraceNode {
  const startMs = Math.max(span.startMs + shiftMs, earliestMs)
  const endMs = startMs + Math.max(0, span.endMs - span.startMs)
  return { span, children: [], startMs, endMs, shiftMs: startMs - span.startMs, orphan }
}

const keyOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `${traceId} ${spanId}`

const parentKey = ({ traceId, parentSpanId }: Span): string | undefined =>
  parentSpanId === undefined ? undefined : keyOf({ traceId, spanId: parentSpanId })

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
function causally(a: TraceNode, b: TraceNode): number {
  return (
    a.startMs - b.startMs ||
    turnOf(a.span) - turnOf(b.span) ||
    a.endMs - b.endMs ||
    byNumbers(a.span.name, b.span.name) ||
    byNumbers(messageOf(a.span), messageOf(b.span)) ||
    byNumbers(a.span.spanId, b.span.spanId)
  )
}

/** `task-2` before `task-10`. */
const byNumbers = new Intl.Collator('en', { numeric: true }).compare

const turnOf = ({ attributes }: Span): number => {
  const turn = attributes[SKEIN.turn]
  return typeof turn === 'number' ? turn : 0
}

const messageOf = ({ attributes }: Span): string => String(attributes[MESSAGING.messageId] ?? '')

/** Processes of one host share its clock. */
const clockOf = ({ resource }: Span): string =>
  String(resource[RESOURCE.hostId] ?? resource[RESOURCE.serviceInstanceId] ?? resource[RESOURCE.serviceName])

/** Two clocks that count whole milliseconds disagree by up to this much, and no offset helps. */
const CLOCK_GRAIN_MS = 2

/**
 * By how many milliseconds to move each clock forward: the least offsets with which no span begins before a cause of
 * it on another clock, give or take the grain. Each cause is an edge between two clocks, and the offsets are longest
 * paths by Bellman and Ford. Where they do not settle, a clock was set during the run: then none is trusted more
 * than another, and all stay.
 */
function clockOffsets(byId: ReadonlyMap<string, Span>): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  /** For each pair of clocks the most that an effect seems to begin before its cause. */
  const lags = new Map<string, { cause: string; effect: string; ms: number }>()
  for (const span of byId.values()) {
    const effect = clockOf(span)
    offsets.set(effect, 0)
    for (const key of [parentKey(span), ...(span.links ?? []).map(keyOf)]) {
      const origin = key === undefined ? undefined : byId.get(key)
      if (origin === undefined || clockOf(origin) === effect) continue
      const cause = clockOf(origin)
      const ms = origin.startMs - span.startMs - CLOCK_GRAIN_MS
      const pair = JSON.stringify([cause, effect])
      if (ms > (lags.get(pair)?.ms ?? Number.NEGATIVE_INFINITY)) lags.set(pair, { cause, effect, ms })
    }
  }
  const tooEarly = () =>
    [...lags.values()].filter(({ cause, effect, ms }) => offsets.get(effect)! < offsets.get(cause)! + ms)
  for (let round = 1; round < offsets.size; round++) {
    for (const { cause, effect, ms } of tooEarly()) {
      offsets.set(effect, Math.max(offsets.get(effect)!, offsets.get(cause)! + ms))
    }
  }
  if (tooEarly().length > 0) for (const clock of offsets.keys()) offsets.set(clock, 0)
  return offsets
}
