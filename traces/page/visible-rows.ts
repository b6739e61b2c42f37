/**
 * Which rows of the waterfall are to be seen, in order: spans, and folds that stand for many. Looked for are the
 * spans that match, with all above them.
 */
import type { PageFold } from './waterfall.ts'

/** The place of a span, or −1 less the place of a fold. */
export type VisibleRow = number

export const foldRow = (fold: number): VisibleRow => -1 - fold
export const isFold = (row: VisibleRow): boolean => row < 0
export const foldIn = (row: VisibleRow): number => -1 - row

export type VisibleOptions = {
  readonly count: number
  readonly end: ArrayLike<number>
  readonly folds: readonly PageFold[]
  /** Places of folds that somebody opened. */
  readonly opened: ReadonlySet<number>
  /** Places of spans that somebody closed. */
  readonly closed: ReadonlySet<number>
}

export function visibleRows({ count, end, folds, opened, closed }: VisibleOptions): VisibleRow[] {
  const rows: VisibleRow[] = []
  let fold = 0
  for (let place = 0; place < count; ) {
    while (fold < folds.length && folds[fold]!.from < place) fold++
    let next = fold
    while (next < folds.length && folds[next]!.from === place && opened.has(next)) next++
    const here = folds[next]
    if (here !== undefined && here.from === place) {
      rows.push(foldRow(next))
      place = here.to
    } else {
      rows.push(place)
      place = closed.has(place) ? end[place]! : place + 1
    }
  }
  return rows
}

/** Those that match and all above them. */
export function foundRows(matches: ArrayLike<number>, parent: ArrayLike<number>): VisibleRow[] {
  const keep = Array.from(matches, (match) => match === 1)
  for (let place = keep.length - 1; place >= 0; place--)
    if (keep[place] && parent[place]! >= 0) keep[parent[place]!] = true
  return keep.flatMap((kept, place) => (kept ? [place] : []))
}

export type Beside = {
  readonly rows: readonly VisibleRow[]
  readonly parent: ArrayLike<number>
  readonly end: ArrayLike<number>
  readonly folds: readonly PageFold[]
  readonly closed: ReadonlySet<number>
  /** The rows are those that were found: none of them opens or closes. */
  readonly isFound: boolean
}

/**
 * What an arrow key does at a row, as in any tree: to the right it opens, and then goes to the first below; to the left
 * it closes, and from what cannot be closed goes to the row above it. The row to be at; `turn` where it is to be opened
 * or closed; undefined where there is nothing to do.
 */
export function rowBeside(
  row: VisibleRow,
  side: 'left' | 'right',
  { rows, parent, end, folds, closed, isFound }: Beside,
): VisibleRow | 'turn' | undefined {
  const above = parent[isFold(row) ? folds[foldIn(row)]!.from : row]!
  if (side === 'left') {
    const closes = !isFound && !isFold(row) && end[row]! > row + 1 && !closed.has(row)
    return closes ? 'turn' : above < 0 ? undefined : above
  }
  if (isFold(row) || (!isFound && closed.has(row))) return 'turn'
  const next = rows[rows.indexOf(row) + 1]
  if (next === undefined) return undefined
  return parent[isFold(next) ? folds[foldIn(next)]!.from : next] === row ? next : undefined
}

/** The row of a span, or of the nearest above it that has one; -1 where there is none. */
export function nearestRow(place: number, rows: readonly VisibleRow[], parent: ArrayLike<number>): number {
  const own = rows.indexOf(place)
  if (own >= 0) return own
  const indexes = new Map(rows.map((row, index) => [row, index]))
  for (let up = parent[place] ?? -1; up >= 0; up = parent[up]!) {
    const index = indexes.get(up)
    if (index !== undefined) return index
  }
  return -1
}

/** What to open so that a span is to be seen: the folds that it lies in, and the spans above it. */
export function wayTo(place: number, folds: readonly PageFold[], parent: ArrayLike<number>) {
  const opens = folds.flatMap(({ from, to }, fold) => (from <= place && place < to ? [fold] : []))
  const above: number[] = []
  for (let up = parent[place] ?? -1; up >= 0; up = parent[up]!) above.push(up)
  return { folds: opens, above }
}
