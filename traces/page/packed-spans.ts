/**
 * The spans of a tree in columns, each span before those below it. What names attributes is kept once for all spans
 * that have the same ones, and parents follow from depths, so a span takes some two hundred bytes of a page.
 */
import { SKEIN } from '../names.ts'
import { keyOf } from '../read/causes.ts'
import { peerOf } from '../read/detail.ts'
import type { TraceNode } from '../read/tree.ts'
import type { AttributeValue, Span } from '../span.ts'
import { type Column, columnOf, type Texts, writable } from './column.ts'

/** A set of attributes that some spans have, and what those say; a column an attribute. */
export type Shape = { readonly keys: readonly string[]; readonly columns: readonly Column[] }

export type PackedSpans = {
  readonly count: number
  readonly id: Column
  readonly trace: Column
  readonly name: Column
  readonly kind: Column
  /** Levels below a root. */
  readonly depth: Column
  /** Milliseconds since the run began, moved so that nothing precedes its cause. */
  readonly start: Column
  readonly length: Column
  /** By how many milliseconds it was moved. */
  readonly shift: Column
  readonly peer: Column
  readonly role: Column
  /** `unset`, `ok`, `error` */
  readonly status: Column
  readonly message: Column
  /** The parent that it names and that is not there; '' otherwise. */
  readonly lostParent: Column
  readonly shape: Column
  readonly shapes: readonly Shape[]
  readonly resource: Column
  readonly resources: readonly (readonly (readonly [string, AttributeValue])[])[]
  readonly links: {
    readonly count: number
    readonly from: Column
    /** −1 where it is not in the trace. */
    readonly to: Column
    /** Its id, where it is not in the trace. */
    readonly stray: Column
    /** `skein.link`; '' where nothing is said. */
    readonly kind: Column
  }
}

/** A thousandth of a millisecond is as fine as a page is. What is no time at all is put at 0, where it can be drawn. */
const fine = (ms: number): number => (Number.isFinite(ms) ? Math.round(ms * 1_000) / 1_000 : 0)

export function packSpans(nodes: readonly TraceNode[], startMs: number, texts: Texts): PackedSpans {
  const column = (values: readonly AttributeValue[]) => columnOf(values, texts)
  const each = (read: (node: TraceNode) => AttributeValue) => column(nodes.map(read))
  const depths = depthsOf(nodes)
  const shapes = groupBy(nodes, ({ span }) => Object.keys(span.attributes))
  const resources = groupBy(nodes, ({ span }) => Object.entries(span.resource).flatMap(stepsOf))
  return {
    count: nodes.length,
    id: each(({ span }) => span.spanId),
    trace: each(({ span }) => span.traceId),
    name: each(({ span }) => span.name),
    kind: each(({ span }) => span.kind),
    depth: each((node) => depths.get(node) ?? 0),
    start: each((node) => fine(node.startMs - startMs)),
    length: each((node) => fine(node.endMs - node.startMs)),
    shift: each((node) => fine(node.shiftMs)),
    peer: each(({ span }) => peerOf(span)),
    role: each(({ span }) => String(span.attributes[SKEIN.role] ?? '')),
    status: each(({ span }) => span.status?.code ?? 'unset'),
    message: each(({ span }) => span.status?.message ?? ''),
    lostParent: each(({ span, orphan }) => (orphan ? (span.parentSpanId ?? '') : '')),
    shape: column(shapes.groupOf),
    shapes: shapes.groups.map((group) => shapeOf(group, texts)),
    resource: column(resources.groupOf),
    resources: resources.groups.map(([node]) =>
      Object.entries(node!.span.resource).map(([key, value]) => [key, writable(value)] as const),
    ),
    links: packLinks(nodes, texts),
  }
}

function depthsOf(nodes: readonly TraceNode[]): ReadonlyMap<TraceNode, number> {
  const depths = new Map<TraceNode, number>()
  for (const node of nodes) {
    const depth = depths.get(node) ?? 0
    depths.set(node, depth)
    for (const child of node.children) depths.set(child, depth + 1)
  }
  return depths
}

type Fork = { readonly ways: Map<unknown, Fork>; group?: number }

/** Those whose paths are the same. Found step by step: texts of a hundred thousand paths would take seconds to make. */
function groupBy(nodes: readonly TraceNode[], pathOf: (node: TraceNode) => readonly unknown[]) {
  const root: Fork = { ways: new Map() }
  const groups: TraceNode[][] = []
  const groupOf = nodes.map((node) => {
    let fork = root
    for (const step of pathOf(node)) {
      const next = fork.ways.get(step) ?? { ways: new Map() }
      fork.ways.set(step, next)
      fork = next
    }
    fork.group ??= groups.push([]) - 1
    groups[fork.group]!.push(node)
    return fork.group
  })
  return { groups, groupOf }
}

/** A list is not the text of it. */
const stepsOf = ([key, value]: [string, AttributeValue]): unknown[] =>
  typeof value === 'object' ? [key, 'list', JSON.stringify(value)] : [key, value]

function shapeOf(group: readonly TraceNode[], texts: Texts): Shape {
  const keys = Object.keys(group[0]!.span.attributes)
  // All of a span at once: looking them up by name, in so many objects, is what would take longest of all.
  const rows = group.map(({ span }) => Object.values(span.attributes))
  const columns = keys.map((_, index) =>
    columnOf(
      rows.map((row) => row[index]!),
      texts,
    ),
  )
  return { keys, columns }
}

function packLinks(nodes: readonly TraceNode[], texts: Texts): PackedSpans['links'] {
  const places = new Map(nodes.map(({ span }, place) => [keyOf(span), place]))
  const links = nodes.flatMap(({ span }, from) =>
    (span.links ?? []).map((link) => ({ from, link, to: places.get(keyOf(link)) ?? -1 })),
  )
  const each = (read: (link: (typeof links)[number]) => AttributeValue) => columnOf(links.map(read), texts)
  return {
    count: links.length,
    from: each(({ from }) => from),
    to: each(({ to }) => to),
    stray: each(({ to, link }) => (to < 0 ? link.spanId : '')),
    kind: each(({ link }) => String(link.attributes?.[SKEIN.link] ?? '')),
  }
}

/** The place of each span among the nodes. */
export const placesOf = (nodes: readonly TraceNode[]): ReadonlyMap<Span, number> =>
  new Map(nodes.map(({ span }, place) => [span, place]))
