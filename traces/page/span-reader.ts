/**
 * Reads packed spans, in the browser. What every view needs of every span is unpacked at once, into typed arrays;
 * a span as a whole only when somebody looks at it.
 */
import type { AttributeValue, Span, SpanKind } from '../span.ts'
import { type Column, rowsWhere, valueIn } from './column.ts'
import type { PackedSpans } from './packed-spans.ts'

export type SpanReader = {
  readonly count: number
  readonly depth: Int32Array
  /** −1 of a root. */
  readonly parent: Int32Array
  /** The place after the last span below it. */
  readonly end: Int32Array
  /** Milliseconds since the run began. */
  readonly start: Float64Array
  readonly length: Float64Array
  /** 1 where it ended in an error. */
  readonly failed: Uint8Array
  idOf(place: number): string
  /** −1 of an id that is none. */
  placeOf(id: string): number
  textOf(column: 'name' | 'peer' | 'role', place: number): string
  shiftOf(place: number): number
  lostParentOf(place: number): string
  spanAt(place: number): Span
  /** Its links, and those of others to it. */
  linksOf(place: number): readonly ReadLink[]
  backlinksOf(place: number): readonly ReadLink[]
  /** For each span whether its name, its peer, its status or an attribute holds all of these words, small or capital. */
  find(words: readonly string[]): Uint8Array
}

export type ReadLink = {
  /** The span at the other end; −1 where it is not in the trace. */
  readonly place: number
  /** Its id, where it is not in the trace. */
  readonly stray: string
  readonly kind: string
}

export function readSpans(packed: PackedSpans, texts: readonly string[], startMs: number): SpanReader {
  const { count } = packed
  const value = (column: Column, place: number) => valueIn(column, place, texts)
  const text = (column: Column, place: number) => String(value(column, place))
  const numbers = <Numbers extends Int32Array | Float64Array>(into: Numbers, column: Column): Numbers => {
    for (let place = 0; place < count; place++) into[place] = Number(value(column, place))
    return into
  }
  const depth = numbers(new Int32Array(count), packed.depth)
  const start = numbers(new Float64Array(count), packed.start)
  const length = numbers(new Float64Array(count), packed.length)
  const failed = new Uint8Array(count)
  for (let place = 0; place < count; place++) if (value(packed.status, place) === 'error') failed[place] = 1
  const { parent, end } = familyOf(depth)
  const shape = numbers(new Int32Array(count), packed.shape)
  const rowInShape = rowsIn(shape, packed.shapes.length)
  let places: Map<string, number> | undefined

  const attributesOf = (place: number): [string, AttributeValue][] => {
    const { keys, columns } = packed.shapes[shape[place]!]!
    return keys.map((key, index) => [key, value(columns[index]!, rowInShape[place]!)])
  }

  const links = new Map<number, ReadLink[]>()
  const backlinks = new Map<number, ReadLink[]>()
  const note = (book: Map<number, ReadLink[]>, at: number, link: ReadLink) =>
    void (book.get(at)?.push(link) ?? book.set(at, [link]))
  for (let link = 0; link < packed.links.count; link++) {
    const [from, to] = [Number(value(packed.links.from, link)), Number(value(packed.links.to, link))]
    const about = { kind: text(packed.links.kind, link), stray: text(packed.links.stray, link) }
    note(links, from, { ...about, place: to })
    if (to >= 0) note(backlinks, to, { ...about, place: from })
  }

  return {
    ...{ count, depth, parent, end, start, length, failed },
    idOf: (place) => text(packed.id, place),
    placeOf(id) {
      places ??= new Map(Array.from({ length: count }, (_, place) => [text(packed.id, place), place]))
      return places.get(id) ?? -1
    },
    textOf: (column, place) => text(packed[column], place),
    shiftOf: (place) => Number(value(packed.shift, place)),
    lostParentOf: (place) => text(packed.lostParent, place),
    linksOf: (place) => links.get(place) ?? [],
    backlinksOf: (place) => backlinks.get(place) ?? [],
    spanAt(place) {
      const above = parent[place]!
      const lost = text(packed.lostParent, place)
      const parentSpanId = above >= 0 ? text(packed.id, above) : lost || undefined
      const code = text(packed.status, place)
      const message = text(packed.message, place)
      const from = startMs + start[place]! - Number(value(packed.shift, place))
      return {
        ...{ traceId: text(packed.trace, place), spanId: text(packed.id, place) },
        ...(parentSpanId !== undefined && { parentSpanId }),
        ...{ name: text(packed.name, place), kind: text(packed.kind, place) as SpanKind },
        ...{ startMs: from, endMs: from + length[place]! },
        attributes: Object.fromEntries(attributesOf(place)),
        ...((code === 'ok' || code === 'error') && { status: { code, ...(message !== '' && { message }) } }),
        resource: Object.fromEntries(packed.resources[Number(value(packed.resource, place))] ?? []),
      }
    },
    find(words) {
      const found = new Uint8Array(count).fill(1)
      for (const word of words) {
        const holds = (text: string) => text.toLowerCase().includes(word.toLowerCase())
        const isFound = finder(packed, texts, { shape, rowInShape }, holds)
        for (let place = 0; place < count; place++) if (!isFound(place)) found[place] = 0
      }
      return found
    },
  }
}

function familyOf(depth: Int32Array) {
  const parent = new Int32Array(depth.length)
  const end = new Int32Array(depth.length)
  const open: number[] = []
  for (let place = 0; place <= depth.length; place++) {
    const level = depth[place] ?? 0
    while (open.length > level) end[open.pop()!] = place
    if (place === depth.length) break
    parent[place] = open.at(-1) ?? -1
    open.push(place)
  }
  return { parent, end }
}

function rowsIn(shape: Int32Array, shapes: number): Int32Array {
  const next = new Int32Array(shapes)
  return shape.map((own) => next[own]!++)
}

function finder(
  packed: PackedSpans,
  texts: readonly string[],
  { shape, rowInShape }: { shape: Int32Array; rowInShape: Int32Array },
  holds: (text: string) => boolean,
): (place: number) => boolean {
  const textHolds = texts.map(holds)
  const own = [packed.id, packed.name, packed.peer, packed.role, packed.message].map((column) =>
    rowsWhere(column, packed.count, textHolds, holds),
  )
  const inShapes = packed.shapes.map(({ columns }) =>
    columns.map((column) => rowsWhere(column, packed.count, textHolds, holds)),
  )
  return (place) =>
    own.some((is) => is(place)) || (inShapes[shape[place]!]?.some((is) => is(rowInShape[place]!)) ?? false)
}
