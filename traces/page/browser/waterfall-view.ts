/** The waterfall: the tree of causes on the left, when it was on the right. */
import { SKEIN } from '../../names.ts'
import { detailsOf, labelOf } from '../../read/detail.ts'
import { shortDuration } from '../../read/duration.ts'
import { sortOf } from '../span-sort.ts'
import {
  foldIn,
  foundRows,
  isFold,
  nearestRow,
  rowBeside,
  type VisibleRow,
  visibleRows,
  wayTo,
} from '../visible-rows.ts'
import { conversationOf, type PageContext, type PageView, roleShade } from './context.ts'
import { button, html, place, shade } from './elements.ts'
import { createRows } from './rows.ts'
import { createAxis, timescale } from './timescale.ts'

const ROW_PX = 24
const INDENT_PX = 13
/** Deeper than this the tree moves to the right no more, so that names stay to be read. */
const DEEPEST = 20

export function waterfallView({ data, spans, state, matches }: PageContext): PageView {
  const { folds } = data
  const opened = new Set<number>()
  const closed = new Set<number>()
  const failedBelow = failuresBelow()
  let rows: VisibleRow[] = []
  /** Where the keys are while no span is chosen. */
  let chosenFold: VisibleRow | undefined
  /** Index of the row that the keys are at: that of the chosen span, or a fold; -1: at none. Rows change, and it with them. */
  let cursor = -1

  const axis = createAxis({
    scale: () => state.now().scale,
    zoom: (from, to) => state.set({ scale: timescale(from, to) }),
    zoomOut: state.zoomOut,
  })
  const head = html('div', { class: 'columns head' }, html('div', {}, 'What, below what caused it'))
  head.append(html('div', {}, 'Peer'), html('div', {}, 'Took'), axis.element)
  const list = createRows(
    { height: ROW_PX, count: () => rows.length, draw },
    { head, label: 'Spans. Arrow keys move and open, Enter shows all of a span' },
  )
  const empty = html('div', { class: 'nothing', hidden: true })
  const tools = html('div', { class: 'bar-tools' }, ...legend(data.roles))
  tools.append(html('span', { class: 'gap' }))
  tools.append(button('Open all', 'Show every span', openAll), ' ', button('Fold', 'As at first', foldAll))
  tools.append(button('Zoom to span', 'Key z', zoomToSpan), button('Whole run', 'Key 0', state.zoomOut))
  const element = html('div', { class: 'fill' }, tools, empty, list.element)

  function failuresBelow(): Int32Array {
    const below = Int32Array.from(spans.failed)
    for (let at = spans.count - 1; at >= 0; at--)
      if (spans.parent[at]! >= 0) below[spans.parent[at]!]! += below[at]!
    return below
  }

  function refresh() {
    const found = matches()
    rows = found ? foundRows(found, spans.parent) : visibleRows({ ...spans, folds, opened, closed })
    const { span } = state.now()
    if (span >= 0) chosenFold = undefined
    cursor =
      span >= 0
        ? nearestRow(span, rows, spans.parent)
        : chosenFold === undefined
          ? -1
          : rows.indexOf(chosenFold)
    empty.hidden = rows.length > 0
    empty.textContent = empty.hidden
      ? ''
      : found
        ? 'No span holds all of these words.'
        : 'This trace has no spans.'
    axis.refresh()
    list.refresh()
  }

  function draw(index: number): HTMLElement {
    const row = rows[index]!
    return isFold(row) ? drawFold(foldIn(row), index) : drawSpan(row)
  }

  function drawSpan(at: number): HTMLElement {
    const span = spans.spanAt(at)
    const sort = sortOf(span.name)
    const failed = spans.failed[at] === 1
    const found = matches()
    const classes = [
      'row',
      'columns',
      failed && 'failed',
      at === state.now().span && 'chosen',
      found?.[at] === 0 && 'dim',
    ]
    const hasChildren = spans.end[at]! > at + 1 && found === undefined
    const [verb = '', ...rest] = labelOf(span).split(' ')
    const words = html('span', { class: 'label' }, html('span', { class: 'verb' }, verb), ' ')
    words.append(sort === 'agent' ? html('b', {}, rest.join(' ')) : rest.join(' '))
    const details = detailsOf({ ...span, links: linksAsGiven(at) }).map(([longest]) => longest)
    if (sort === 'agent') details.unshift(conversationOf(span.attributes))
    if (details.length > 0) words.append(html('span', { class: 'detail' }, details.join('  ·  ')))
    const name = html('div', { class: 'name' }, guides(at), twist(at, hasChildren))
    if (failed) name.append(html('span', { class: 'tag' }, 'failed'))
    else if (closed.has(at) && failedBelow[at]! > 0)
      name.append(html('span', { class: 'tag' }, `${failedBelow[at]} failed`))
    if (sort === 'takeover') name.append(html('span', { class: 'tag plain' }, 'takeover'))
    name.append(words)
    const row = html('div', {
      class: classes.filter(Boolean).join(' '),
      title: [span.name, ...details].join(' · '),
    })
    row.append(
      name,
      peerCell(at),
      html('div', { class: 'took' }, shortDuration(spans.length[at]!)),
      lane(at, sort),
    )
    row.addEventListener('click', () => state.set({ span: at }))
    row.addEventListener('dblclick', () => toggle(at))
    return row
  }

  const linksAsGiven = (at: number) =>
    spans.linksOf(at).map(({ kind }) => ({
      ...{ traceId: '', spanId: '' },
      ...(kind !== '' && { attributes: { [SKEIN.link]: kind } }),
    }))

  function guides(at: number): HTMLElement {
    const made = html('span', { class: 'guides' })
    made.style.width = `${Math.min(spans.depth[at]!, DEEPEST) * INDENT_PX}px`
    return made
  }

  function twist(at: number, hasChildren: boolean): HTMLElement {
    if (!hasChildren) return html('span', { class: 'twist' })
    const isClosed = closed.has(at)
    const made = html('button', { type: 'button', class: 'twist', tabindex: -1 }, isClosed ? '▶' : '▼')
    made.setAttribute('aria-label', isClosed ? 'Open' : 'Close')
    made.addEventListener('click', (event) => {
      event.stopPropagation()
      toggle(at)
    })
    return made
  }

  function peerCell(at: number): HTMLElement {
    const peer = spans.textOf('peer', at)
    const known = data.peers.find(({ name }) => name === peer)
    const role = data.roles.indexOf(spans.textOf('role', at))
    const dot = shade(html('i', { class: 'dot' }), roleShade(role))
    return html('div', { class: 'peer', title: peer }, dot, html('span', {}, known?.label ?? peer))
  }

  function lane(at: number, sort: string): HTMLElement {
    const { scale } = state.now()
    const left = scale.percent(spans.start[at]!)
    const right = scale.percent(spans.start[at]! + spans.length[at]!)
    const cell = html('div', { class: 'lane' })
    if (right < 0 || left > 100) return cell
    const bar = html('i', { class: `${sort}${spans.failed[at] === 1 ? ' failed' : ''}` })
    const isPoint = sort === 'send' || sort === 'takeover'
    // What ends at the very end of the run is still to be seen.
    place(
      bar,
      Math.min(Math.max(left, 0), 99.6),
      isPoint ? undefined : Math.min(right, 100) - Math.max(left, 0),
    )
    cell.append(shade(bar, roleShade(data.roles.indexOf(spans.textOf('role', at)))))
    return cell
  }

  function drawFold(fold: number, index: number): HTMLElement {
    const { from, to, spans: count } = folds[fold]!
    const { scale } = state.now()
    const words = count === to - from ? '' : `, ${to - from} spans with all below`
    const name = html('div', { class: 'name' }, guides(from), html('span', { class: 'twist' }, '⋮'))
    name.append(button(`${count} more${words}`, 'Show them', () => open(fold), ''))
    let [first, last] = [Number.POSITIVE_INFINITY, 0]
    for (let at = from; at < to; at++) {
      first = Math.min(first, spans.start[at]!)
      last = Math.max(last, spans.start[at]! + spans.length[at]!)
    }
    const [left, right] = [Math.max(0, scale.percent(first)), Math.min(100, scale.percent(last))]
    const cell = html('div', { class: 'lane' })
    if (right > left) cell.append(place(html('i', { class: 'folded' }), left, right - left))
    const isAt = index === cursor && state.now().span < 0
    const row = html('div', { class: `row columns fold${isAt ? ' chosen' : ''}` })
    row.append(name, html('div'), html('div'), cell)
    return row
  }

  function open(fold: number) {
    opened.add(fold)
    state.set({})
  }

  function toggle(at: number) {
    // Behind what was found nothing is to change.
    if (spans.end[at]! === at + 1 || matches() !== undefined) return
    if (!closed.delete(at)) closed.add(at)
    state.set({})
  }

  function openAll() {
    closed.clear()
    folds.forEach((_, fold) => void opened.add(fold))
    state.set({})
  }

  function foldAll() {
    closed.clear()
    opened.clear()
    state.set({})
  }

  function zoomToSpan() {
    const { span } = state.now()
    if (span < 0) return
    const start = spans.start[span]!
    const margin = Math.max(spans.length[span]! * 0.05, 0.05)
    state.set({ scale: timescale(start - margin, start + spans.length[span]! + margin) })
  }

  function reveal() {
    const { span } = state.now()
    if (span < 0) return
    if (matches() === undefined && !rows.includes(span)) {
      const way = wayTo(span, folds, spans.parent)
      for (const fold of way.folds) opened.add(fold)
      for (const above of way.above) closed.delete(above)
      refresh()
    }
    const index = rows.indexOf(span)
    if (index >= 0) list.reveal(index)
  }

  function moveTo(index: number) {
    if (rows.length === 0) return
    const to = Math.min(rows.length - 1, Math.max(0, index))
    const row = rows[to]!
    if (isFold(row)) chosenFold = row
    state.set({ span: isFold(row) ? -1 : row })
    list.reveal(to)
  }

  function sideways(side: 'left' | 'right') {
    const row = rows[cursor]
    if (row === undefined) return
    const isFound = matches() !== undefined
    const beside = rowBeside(row, side, { ...spans, rows, folds, closed, isFound })
    if (beside === undefined) return
    if (beside !== 'turn') moveTo(rows.indexOf(beside))
    else if (isFold(row)) {
      const first = cursor
      open(foldIn(row))
      moveTo(first)
    } else toggle(row)
  }

  function press(event: KeyboardEvent): boolean {
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(cursor + 1),
      ArrowUp: () => moveTo(cursor - 1),
      PageDown: () => moveTo(cursor + list.page()),
      PageUp: () => moveTo(cursor - list.page()),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
      ArrowRight: () => sideways('right'),
      ArrowLeft: () => sideways('left'),
      z: zoomToSpan,
      0: state.zoomOut,
    }
    moves[event.key]?.()
    return event.key in moves
  }

  return { element, refresh, reveal, press }
}

const legend = (roles: readonly string[]): HTMLElement[] =>
  roles.map((role, index) =>
    html('span', { class: 'key' }, shade(html('i', { class: 'dot' }), roleShade(index)), role),
  )
