/**
 * A trace for a terminal: one line a span, with who made it, how long it took and where it lies in time. Width and
 * colour are the caller's to decide; nothing is read from the environment.
 */
import { styleText } from 'node:util'
import { SKEIN } from '../names.ts'
import { bar, ruler, type Scale } from './bar.ts'
import { column } from './column.ts'
import { type Detail, detailsOf, labelOf, peerOf } from './detail.ts'
import { shortDuration } from './duration.ts'
import { hasFailed, type Row, rowsOf } from './rows.ts'
import { nodesOf, type TraceNode, type TraceTree } from './tree.ts'

export type WaterfallOptions = {
  /** Characters of a line, 60 or more. */
  readonly width: number
  readonly color: boolean
  /** Show every span, however deep and however many. */
  readonly all?: boolean
}

type Style = Parameters<typeof styleText>[0]

type Layout = {
  readonly width: number
  readonly nameCells: number
  readonly peerCells: number
  readonly scale: Scale
  paint(style: Style, text: string): string
  styleOf(peer: string): Style
}

const MIN_WIDTH = 60
const MAX_PEER_CELLS = 14
const DURATION_CELLS = 7
/** A sign and a blank. */
const MARK_CELLS = 2
/** With those before peer, duration and bar. */
const GAP_CELLS = MARK_CELLS + 2 + 1 + 2
/** The name's share of what it divides with the bar, at most. */
const NAME_SHARE = 0.68
/** What guides leave of a name, at least. */
const MIN_NAME_CELLS = 16
/** Likewise of `⋮ 123 more`. */
const MIN_FOLDED_CELLS = 11
/** A detail that must be cut below this says too little. */
const MIN_DETAIL_CELLS = 8
/** One for each peer, in order of appearance, and then over again. Red is for failures. */
const PEER_STYLES: readonly Style[] = ['cyan', 'magenta', 'yellow', 'blue', 'green']

/** Renders a tree, each line ended by a newline. */
export function waterfall(tree: TraceTree, options: WaterfallOptions): string {
  if (tree.size === 0) return 'no spans\n'
  const nodes = [...nodesOf(tree.roots)]
  const width = Math.max(MIN_WIDTH, options.width)
  const peers = [...new Set(nodes.map(({ span }) => peerOf(span)))]
  const peerCells = peers.reduce((most, { length }) => Math.min(MAX_PEER_CELLS, Math.max(most, length)), 0)
  const shared = width - GAP_CELLS - peerCells - DURATION_CELLS
  const maxNameCells = Math.round(shared * NAME_SHARE)

  const maxDepth = Math.floor((maxNameCells - MIN_NAME_CELLS) / 2)
  const rows = rowsOf(tree.roots, { maxDepth, all: options.all ?? false })
  const wanted = rows.reduce((most, row) => Math.max(most, titleLength(row)), MIN_NAME_CELLS)
  const nameCells = Math.min(maxNameCells, wanted)
  const layout: Layout = {
    width,
    nameCells,
    peerCells,
    scale: { ...extent(nodes), cells: shared - nameCells },
    // The caller has decided, so it is not left to the stream.
    paint: (style, text) => (options.color ? styleText(style, text, { validateStream: false }) : text),
    styleOf: (peer) => PEER_STYLES[peers.indexOf(peer) % PEER_STYLES.length]!,
  }

  const notes = notesOn(tree, nodes, rows).map((note) => column(note, width).trimEnd())
  const lines = [
    headerLine(nodes, layout),
    layout.paint('dim', ' '.repeat(width - layout.scale.cells) + ruler(layout.scale)),
    ...rows.map((row) => (row.kind === 'span' ? spanLine(row, layout) : foldedLine(row, layout))),
    ...(notes.length > 0 ? ['', ...notes.map((note) => layout.paint('dim', note))] : []),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

/** Characters that a row would like its name to have. */
function titleLength(row: Row): number {
  if (row.kind === 'folded') return row.guides.length
  const details = detailsOf(row.node.span).map(([longest]) => longest)
  return [row.guides + labelOf(row.node.span), details.join(', ')].join('  ').trimEnd().length
}

function extent(nodes: readonly TraceNode[]): { startMs: number; endMs: number } {
  let [startMs, endMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const node of nodes) {
    startMs = Math.min(startMs, node.startMs)
    endMs = Math.max(endMs, node.endMs)
  }
  return { startMs, endMs }
}

function headerLine(nodes: readonly TraceNode[], { scale, width, paint }: Layout): string {
  const traces = new Set(nodes.map(({ span }) => span.traceId))
  const trace = traces.size === 1 ? `trace ${nodes[0]!.span.traceId}` : `${traces.size} traces`
  const run = nodes.map(({ span }) => span.attributes[SKEIN.run]).find((run) => run !== undefined)
  const rest = `${count(nodes.length, 'span')} · ${shortDuration(scale.endMs - scale.startMs)}`
  const room = width - trace.length - rest.length - 2 * ' · '.length
  const middle =
    run === undefined || room < MIN_DETAIL_CELLS ? '' : ` · ${column(`run ${run}`, room).trimEnd()}`
  return `${paint('bold', trace)}${middle} · ${rest}`
}

function spanLine({ guides, node }: Row & { kind: 'span' }, layout: Layout): string {
  const { paint, nameCells } = layout
  const { span } = node
  const peer = peerOf(span)
  const failed = span.status?.code === 'error'
  const mark = failed ? paint('red', '✗') : node.orphan ? paint('yellow', '?') : span.status ? '✓' : ' '

  const lead = guideColumn(guides, nameCells - MIN_NAME_CELLS)
  const name = column(labelOf(span), nameCells - lead.length).trimEnd()
  const detail = detailColumn(detailsOf(span), nameCells - lead.length - name.length)
  const title = failed ? paint('red', name + detail) : name + paint('dim', detail)

  const style = layout.styleOf(peer)
  const duration = shortDuration(node.endMs - node.startMs).padStart(DURATION_CELLS)
  const line = bar(layout.scale, node.startMs, node.endMs)
  return [
    `${mark} ${paint('dim', lead)}${title}`,
    `${paint(style, column(peer, layout.peerCells))} ${duration}`,
    paint(failed ? 'red' : style, line),
  ].join('  ')
}

function foldedLine({ guides, nodes }: Row & { kind: 'folded' }, layout: Layout): string {
  const { paint, nameCells, peerCells, scale } = layout
  const hidden = [...nodesOf(nodes)]
  const mark = hasFailed(nodes) ? paint('red', '✗') : ' '
  const lead = guideColumn(guides, nameCells - MIN_FOLDED_CELLS)
  const name = column(`⋮ ${hidden.length} more`, nameCells - lead.length)
  const { startMs, endMs } = extent(hidden)
  const gap = ' '.repeat(GAP_CELLS - MARK_CELLS + peerCells + DURATION_CELLS)
  return `${mark} ${paint('dim', lead + name + gap + bar(scale, startMs, endMs, true))}`
}

function notesOn(tree: TraceTree, nodes: readonly TraceNode[], rows: readonly Row[]): string[] {
  const notes: string[] = []
  const { orphans, duplicates } = tree
  const whole = tree.roots.length - orphans.length
  if (orphans.length > 0) {
    const parents = [...new Set(orphans.map(({ span }) => span.parentSpanId))]
    notes.push(`? ${count(orphans.length, 'orphan')}: missing ${parents.join(', ')}`)
  }
  if (whole > 1) notes.push(`${whole} roots`)
  if (duplicates.length > 0) notes.push(`${count(duplicates.length, 'duplicate')} left out`)
  const moved = nodes.filter(({ shiftMs }) => shiftMs > 0)
  if (moved.length > 0) {
    const most = moved.reduce((most, { shiftMs }) => Math.max(most, shiftMs), 0)
    const peers = [...new Set(moved.map(({ span }) => peerOf(span)))].join(', ')
    notes.push(`clocks differ: ${peers} shown up to ${shortDuration(most)} later, to follow their causes`)
  }
  const shown = rows.filter(({ kind }) => kind === 'span').length
  if (shown < nodes.length) notes.push(`${nodes.length - shown} of ${nodes.length} spans folded`)
  return notes
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** As many details as there is room for; the first one shortened or cut, where that leaves enough of it. */
function detailColumn(details: readonly Detail[], cells: number): string {
  let text = ''
  for (const forms of details) {
    const before = text === '' ? '  ' : `${text}, `
    const fitting = forms.find((form) => before.length + form.length <= cells)
    if (fitting !== undefined) text = before + fitting
    else if (text === '' && cells >= MIN_DETAIL_CELLS) return column(before + forms.at(-1), cells)
    else break
  }
  return column(text, cells)
}

/** Guides too long for their room keep their end, which is where the name hangs. */
function guideColumn(guides: string, room: number): string {
  return guides.length <= room ? guides : `…${guides.slice(1 - room)}`
}
