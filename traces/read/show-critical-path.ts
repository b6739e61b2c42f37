/**
 * A critical path for a terminal: a line a segment, in the order of time, and at the end what each kind adds up to.
 * What is too short to matter is merged with its neighbours, and so much of it that the lines stay few.
 */
import { styleText } from 'node:util'
import { bar, ruler, type Scale } from './bar.ts'
import { column } from './column.ts'
import { type CriticalPath, SEGMENT_KINDS, type Segment, type SegmentKind } from './critical-path.ts'
import { eventLabel } from './detail.ts'
import { shortDuration } from './duration.ts'

export type ShowOptions = {
  /** Characters of a line, 60 or more. */
  readonly width: number
  readonly color: boolean
}

type Style = Parameters<typeof styleText>[0]

/** One segment, or several that lie beside each other. */
type Line = { readonly startMs: number; readonly endMs: number; readonly segments: readonly Segment[] }

const MIN_WIDTH = 60
const MAX_LINES = 40
/** Shares of the duration below which neighbours are merged: the first with which the lines are few enough. */
const SHORT = [0, 0.002, 0.005, 0.01, 0.02, 0.05] as const
/** Share of the duration that one line of short ones stands for, about. */
const MOST_MERGED = 0.1
const KIND_CELLS = 8
const MAX_PEER_CELLS = 14
const DURATION_CELLS = 7
const SHARE_CELLS = 6
/** Between kind, peer, title, duration and bar. */
const GAP = '  '
/** The bar's share of what it divides with the title. */
const BAR_SHARE = 0.4

const STYLES: Readonly<Record<SegmentKind, Style>> = {
  ...{ model: 'magenta', tool: 'cyan', queue: 'yellow', transit: 'blue', turn: 'green' },
  ...{ person: 'yellow', wait: 'yellow', adoption: 'red', unknown: 'red' },
}

/** What is not said by its name. */
const MEANINGS: Readonly<Record<SegmentKind, string>> = {
  model: 'waiting for a model',
  tool: 'a tool at work',
  person: 'waiting for somebody to approve or to answer',
  queue: 'a message waited, its taker was busy',
  transit: 'a message on its way, its taker free',
  turn: 'taken and committed, an effect started',
  wait: 'a timer, or an answer that did not come',
  adoption: 'a process was gone, until it was replaced',
  unknown: 'the trace does not say',
}

/** Renders a path, each line ended by a newline. */
export function showCriticalPath(path: CriticalPath, options: ShowOptions): string {
  if (path.segments.length === 0) return 'no spans\n'
  const width = Math.max(MIN_WIDTH, options.width)
  // The caller has decided, so it is not left to the stream.
  const paint = (style: Style, text: string) =>
    options.color ? styleText(style, text, { validateStream: false }) : text
  const peerCells = path.segments.reduce(
    (most, { peer }) => Math.min(MAX_PEER_CELLS, Math.max(most, peer.length)),
    0,
  )
  const shared = width - KIND_CELLS - peerCells - DURATION_CELLS - 4 * GAP.length
  const barCells = Math.round(shared * BAR_SHARE)
  const titleCells = shared - barCells
  const scale: Scale = { startMs: path.startMs, endMs: path.endMs, cells: barCells }

  const rows = linesOf(path).map((line) => {
    const { kind, peer, title, isMerged } = textOf(line)
    const cells = [
      paint(isMerged ? 'dim' : STYLES[line.segments[0]!.kind], column(kind, KIND_CELLS)),
      column(peer, peerCells),
      isMerged ? paint('dim', column(title, titleCells)) : column(title, titleCells),
      shortDuration(line.endMs - line.startMs).padStart(DURATION_CELLS),
      paint(
        isMerged ? 'dim' : STYLES[line.segments[0]!.kind],
        bar(scale, line.startMs, line.endMs, isMerged),
      ),
    ]
    return cells.join(GAP)
  })
  const lines = [
    headerLine(path, width, (text) => paint('bold', text)),
    paint('dim', ' '.repeat(width - barCells) + ruler(scale)),
    ...rows,
    '',
    ...totalLines(path, width, paint),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function headerLine(
  { run, isOver, durationMs, segments }: CriticalPath,
  width: number,
  bold: (text: string) => string,
): string {
  const rest = ` · ${shortDuration(durationMs)}${isOver ? '' : ' so far'} · ${segments.length} ${segments.length === 1 ? 'segment' : 'segments'}`
  const title = column(['critical path', run ?? []].flat().join(' of run '), width - rest.length).trimEnd()
  return bold(title) + rest
}

/** As few as needed; segments of one kind and conversation that follow each other are one anyway. */
function linesOf({ segments, durationMs }: CriticalPath): Line[] {
  const alike = merged(segments.map(lineOf), (line, next) => {
    const [a, b] = [line.segments[0]!, next.segments[0]!]
    return a.kind === b.kind && a.conversation === b.conversation && a.what === b.what
  })
  let lines = alike
  for (const share of SHORT) {
    const isShort = ({ startMs, endMs }: Line) => endMs - startMs < durationMs * share
    const isRoomy = ({ startMs }: Line, { endMs }: Line) => endMs - startMs < durationMs * MOST_MERGED
    lines = merged(alike, (line, next) => isShort(line.last) && isShort(next) && isRoomy(line, next))
    if (lines.length <= MAX_LINES) break
  }
  return lines
}

const lineOf = (segment: Segment): Line => ({ ...segment, segments: [segment] })

/** Joins neighbours where it shall be so of the last that was joined and the next. */
function merged(lines: readonly Line[], isOne: (line: Line & { last: Line }, next: Line) => boolean): Line[] {
  const result: (Line & { segments: Segment[]; last: Line })[] = []
  for (const next of lines) {
    const line = result.at(-1)
    if (line !== undefined && isOne(line, next)) {
      for (const segment of next.segments) line.segments.push(segment)
      result[result.length - 1] = { ...line, endMs: next.endMs, last: next }
    } else result.push({ ...next, segments: [...next.segments], last: next })
  }
  return result
}

function textOf({ segments }: Line): { kind: string; peer: string; title: string; isMerged: boolean } {
  const [{ kind, peer, conversation, what }] = segments as [Segment]
  const isMerged = segments.some((other) => other.kind !== kind || other.conversation !== conversation)
  if (!isMerged)
    return { kind, peer, title: [conversation, eventLabel(what)].filter(Boolean).join(' · '), isMerged }
  const peers = new Set(segments.map((segment) => segment.peer))
  const spent = SEGMENT_KINDS.map((of) => [of, lengthOf(segments, of)] as const)
    .filter(([, ms]) => ms > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([of, ms]) => `${of} ${shortDuration(ms)}`)
  const who = peers.size === 1 ? peer : `${peers.size} peers`
  return { kind: '⋮', peer: who, title: `${segments.length} short: ${spent.join(', ')}`, isMerged }
}

const lengthOf = (segments: readonly Segment[], of: SegmentKind): number =>
  segments.reduce((sum, { kind, startMs, endMs }) => (kind === of ? sum + (endMs - startMs) : sum), 0)

function totalLines(
  path: CriticalPath,
  width: number,
  paint: (style: Style, text: string) => string,
): string[] {
  const meaningCells = Math.max(...Object.values(MEANINGS).map(({ length }) => length))
  const fixed = KIND_CELLS + DURATION_CELLS + SHARE_CELLS + 3 * GAP.length
  const barCells = Math.max(8, width - fixed - meaningCells - GAP.length)
  const scale: Scale = { startMs: 0, endMs: path.durationMs, cells: barCells }
  return SEGMENT_KINDS.filter((kind) => path.totals[kind].ms > 0).map((kind) => {
    const { ms, share } = path.totals[kind]
    const facts = [
      paint(STYLES[kind], column(kind, KIND_CELLS)),
      shortDuration(ms).padStart(DURATION_CELLS),
      percent(share).padStart(SHARE_CELLS),
      paint(STYLES[kind], bar(scale, 0, ms)),
    ]
    return [...facts, paint('dim', column(MEANINGS[kind], width - fixed - barCells - GAP.length))].join(GAP)
  })
}

/** `0.4 %` below ten, else whole; what is there is never 0. */
export const percent = (share: number): string =>
  share > 0 && share < 0.0005
    ? '<0.1 %'
    : `${share < 0.0995 ? Number((share * 100).toFixed(1)) : Math.round(share * 100)} %`
