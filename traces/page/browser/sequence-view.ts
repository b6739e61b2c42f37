/** The sequence: a lifeline a peer, an arrow a message, one below the other in the order in which they were sent. */
import { shortDuration } from '../../read/duration.ts'
import type { SequenceStep } from '../sequence.ts'
import { type PageContext, type PageView, roleShade } from './context.ts'
import { button, html, shade, svg } from './elements.ts'
import { createRows } from './rows.ts'

const ROW_PX = 30
const HEAD_PX = 46
/** Of the times on the left. */
const GUTTER_PX = 84
const LEAST_COLUMN_PX = 108
/** A message that waited longer than this says so. */
const WAITED_MS = 1_000
/** So far from its sender the words of a message are at most. */
const FAR_PX = 320
/** Between a mark on a lifeline and the words beside it. */
const MARK_PX = 14
/** Sizes of letters, as in the style sheet. */
const LABEL_PX = 12
const NOTE_PX = 11

export function sequenceView({ data, spans, state, matches }: PageContext): PageView {
  const widthOf = textMeasure()
  const { peers } = data
  const accounting = data.sequence.steps.filter((step) => step.accounting).length
  let withAccounting = false
  let steps: readonly SequenceStep[] = []
  let width = 0

  const head = html('div', { class: 'steps' })
  const list = createRows(
    { height: ROW_PX, count: () => steps.length, draw },
    { head, label: 'Messages. Arrow keys move' },
  )
  const empty = html('div', { class: 'nothing', hidden: true })
  const tools = html('div', { class: 'bar-tools' })
  for (const [name, kind] of [
    ['message', ''],
    ['answer', 'answer'],
    ['failure', 'failure'],
    ['not taken', 'lost'],
  ] as const)
    tools.append(html('span', { class: 'key' }, sample(kind), name))
  tools.append(html('span', { class: 'key' }, '+ how long it lay until somebody took it'))
  if (accounting > 0) tools.append(html('span', { class: 'gap' }), accountingButton())
  const element = html('div', { class: 'fill' }, tools, empty, list.element)

  function accountingButton() {
    const wording = () => `${withAccounting ? 'Hide' : 'Show'} ${accounting} of accounting`
    const made = button(
      wording(),
      'Messages by which a run knows that it is over, no part of the talk',
      () => {
        withAccounting = !withAccounting
        made.textContent = wording()
        refresh()
      },
    )
    return made
  }

  const columnX = (peer: number) =>
    GUTTER_PX + ((peer + 0.5) * (width - GUTTER_PX)) / Math.max(1, peers.length)

  function refresh() {
    const found = matches()
    const chosen = state.now().span
    steps = data.sequence.steps.filter(({ span, taker, accounting: isAccounting }) => {
      if (isAccounting && !withAccounting && chosen !== span && chosen !== taker) return false
      return found === undefined || found[span] === 1 || (taker >= 0 && found[taker] === 1)
    })
    empty.hidden = steps.length > 0
    empty.textContent = empty.hidden
      ? ''
      : found
        ? 'No message is about all of these words.'
        : 'No message was sent.'
    width = Math.max(list.element.clientWidth, GUTTER_PX + peers.length * LEAST_COLUMN_PX)
    head.style.width = `${width}px`
    head.replaceChildren(headSvg())
    list.refresh()
  }

  function headSvg() {
    const made = svg('svg', { width, height: HEAD_PX, 'aria-hidden': true })
    made.append(svg('text', { x: 20, y: 20, class: 'soft' }, 'sent at'))
    for (const [index, { label, role, name }] of peers.entries()) {
      const x = columnX(index)
      const dot = shade(svg('circle', { cx: x, cy: 35, r: 4, fill: 'var(--shade)' }), roleShade(role))
      const text = svg(
        'text',
        { x, y: 20, 'text-anchor': 'middle', 'font-weight': 600 },
        label,
        svg('title', {}, name),
      )
      made.append(text, svg('line', { x1: x, y1: 35, x2: x, y2: HEAD_PX, class: 'life' }), dot)
    }
    return made
  }

  function draw(index: number): HTMLElement {
    const step = steps[index]!
    const { span, taker, from, to, kind } = step
    const chosen = state.now().span
    const isChosen = chosen >= 0 && (chosen === span || chosen === taker)
    const isLost = to < 0 && kind !== 'takeover'
    const classes = ['step', kind, isLost && 'lost', isChosen && 'chosen']
    const picture = svg('svg', { width, height: ROW_PX })
    picture.append(svg('text', { x: 20, y: 19, class: 'soft' }, shortDuration(spans.start[span]!)))
    for (const peer of peers.keys())
      picture.append(svg('line', { x1: columnX(peer), y1: 0, x2: columnX(peer), y2: ROW_PX, class: 'life' }))
    if (kind === 'takeover') drawTakeover(picture, step)
    else drawArrow(picture, step)
    const title = svg('title', {}, titleOf(step))
    picture.prepend(title)
    const row = html('div', { class: classes.filter(Boolean).join(' ') }, picture)
    row.style.width = `${width}px`
    shade(row, roleShade(peers[from]?.role ?? -1))
    if (kind === 'failure') row.style.removeProperty('--shade')
    if (kind === 'takeover') row.style.removeProperty('--shade')
    row.addEventListener('click', () => state.set({ span }))
    return row
  }

  function drawArrow(picture: SVGSVGElement, step: SequenceStep) {
    const { from, to, what, whom, span, taker } = step
    const x1 = from < 0 ? GUTTER_PX : columnX(from)
    const y = 21
    const waited = taker < 0 ? 0 : spans.start[taker]! - spans.start[span]!
    const more = to < 0 ? 'nobody took it' : waited > WAITED_MS ? `+${shortDuration(waited)}` : ''
    if (from === to) {
      const x = x1
      picture.append(svg('path', { class: 'wire', d: `M${x} 9h22q5 0 5 5v2q0 5 -5 5h-14` }))
      picture.append(svg('path', { class: 'tip', d: `M${x + 1} ${y}l8 -4v8z` }))
      label(picture, { x: x + 32, anchor: 'start', what, whom, more, y: 19 })
      return
    }
    const x2 = to < 0 ? x1 + 46 : columnX(to)
    const way = Math.sign(x2 - x1)
    picture.append(svg('line', { class: 'wire', x1, y1: y, x2: x2 - way * 8, y2: y }))
    const tip = to < 0 ? `M${x2 - 8} ${y - 4}l8 8m0 -8l-8 8` : `M${x2} ${y}l${-way * 8} -4v8z`
    picture.append(svg('path', { class: to < 0 ? 'wire' : 'tip', d: tip }))
    picture.append(svg('circle', { class: 'tip', cx: x1, cy: y, r: 2.5 }))
    // Where the arrow is long the words stay near to whoever sends it.
    const middle = x1 + way * Math.min(Math.abs(x2 - x1) / 2, FAR_PX)
    label(picture, { x: middle, anchor: 'middle', what, whom, more, y: 14 })
  }

  type Label = { x: number; y: number; anchor: 'start' | 'middle'; what: string; whom: string; more: string }

  /** Above the arrow, on a plate that keeps lifelines from running through it, and within the picture. */
  function label(picture: SVGSVGElement, { x, y, anchor, what, whom, more }: Label) {
    const long =
      widthOf(what, LABEL_PX) + widthOf(whom, NOTE_PX) + 14 + (more === '' ? 0 : widthOf(more, LABEL_PX) + 7)
    const isMiddle = anchor === 'middle'
    const wanted = isMiddle ? x - long / 2 : x
    // What has no room to the right of its mark stands to the left of it.
    const rightmost = isMiddle ? Math.max(GUTTER_PX, width - long - 8) : width - long
    const start =
      wanted <= rightmost ? Math.max(wanted, GUTTER_PX) : isMiddle ? rightmost : x - 2 * MARK_PX - long
    const text = svg('text', { x: start, y }, what)
    text.append(svg('tspan', { class: 'soft', dx: 7 }, whom))
    if (more !== '')
      text.append(svg('tspan', { dx: 7, class: more.startsWith('nobody') ? '' : 'soft' }, more))
    picture.append(svg('rect', { class: 'plate', x: start - 3, y: y - 11, width: long, height: 14 }), text)
  }

  function drawTakeover(picture: SVGSVGElement, { from, to, what, whom }: SequenceStep) {
    const x = to < 0 ? GUTTER_PX : columnX(to)
    if (from >= 0 && from !== to) {
      const way = Math.sign(x - columnX(from))
      picture.append(
        svg('line', {
          class: 'wire',
          x1: columnX(from),
          y1: 21,
          x2: x - way * 7,
          y2: 21,
          'stroke-dasharray': '2 3',
        }),
      )
    }
    picture.append(svg('path', { class: 'tip', d: `M${x} 14l7 7l-7 7l-7 -7z` }))
    label(picture, {
      x: x + MARK_PX,
      anchor: 'start',
      what: `takes over ${what}`,
      whom,
      more: '',
      y: from === to || from < 0 ? 25 : 13,
    })
  }

  const peerName = (peer: number) => peers[peer]?.label ?? 'nobody'

  function titleOf({ kind, what, whom, from, to }: SequenceStep): string {
    if (kind === 'takeover')
      return `${peerName(to)} takes over ${what} ${whom}, which ${peerName(from)} was at`
    return `${what} from ${peerName(from)} to ${peerName(to)}, for ${whom}`
  }

  const indexOf = (span: number) => steps.findIndex((step) => step.span === span || step.taker === span)

  function reveal() {
    const { span } = state.now()
    const index = span < 0 ? -1 : indexOf(span)
    if (index >= 0) list.reveal(index)
  }

  function press({ key }: KeyboardEvent): boolean {
    const at = state.now().span < 0 ? -1 : indexOf(state.now().span)
    const by: Record<string, number> = {
      ...{ ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + list.page(), PageUp: at - list.page() },
      ...{ Home: 0, End: steps.length - 1 },
    }
    const to = by[key]
    if (to === undefined || steps.length === 0) return false
    state.set({ span: steps[Math.min(steps.length - 1, Math.max(0, to))]!.span })
    reveal()
    return true
  }

  return { element, refresh, reveal, press }
}

function sample(kind: string): SVGElement {
  const picture = svg('svg', { width: 26, height: 10, class: `step ${kind}` })
  picture.append(svg('line', { class: 'wire', x1: 0, y1: 5, x2: 20, y2: 5 }))
  const isLost = kind === 'lost'
  picture.append(
    svg('path', { class: isLost ? 'wire' : 'tip', d: isLost ? 'M18 2l6 6m0 -6l-6 6' : 'M26 5l-7 -4v8z' }),
  )
  return picture
}

function textMeasure(): (text: string, size: number) => number {
  const brush = document.createElement('canvas').getContext('2d')
  const { fontFamily } = getComputedStyle(document.body)
  return (text, size) => {
    if (brush === null) return text.length * size * 0.55
    brush.font = `${size}px ${fontFamily}`
    return brush.measureText(text).width
  }
}
