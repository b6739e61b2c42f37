/** States over time: a lane a conversation, what it was in, and below that what it asked of models and tools. */
import { shortDuration } from '../../read/duration.ts'
import type { StateLane } from '../states.ts'
import { type PageContext, type PageView, roleShade } from './context.ts'
import { html, shade, svg } from './elements.ts'
import { createRows } from './rows.ts'
import { createAxis, timescale } from './timescale.ts'

const ROW_PX = 46
const STATE = { y: 7, height: 20 }
const EFFECT = { chat: { y: 29, height: 4 }, tool: { y: 34, height: 4 }, other: { y: 39, height: 4 } }
/** As many shades as the style sheet has of a kind. */
const SHADES = { model: 3, tool: 4, other: 2, wait: 4, done: 1, failed: 1 }
const LETTER_PX = 6.3
/** Narrower than this, and behind another one, a segment is not drawn: it could not be seen. */
const LEAST_PX = 0.4

export function statesView({ data, spans, state, matches }: PageContext): PageView {
  const { states, lanes } = data.states
  const shades = shadesOf(states)
  let shown: readonly StateLane[] = lanes

  const axis = createAxis({
    scale: () => state.now().scale,
    zoom: (from, to) => state.set({ scale: timescale(from, to) }),
    zoomOut: state.zoomOut,
  })
  const head = html('div', { class: 'state-columns head' }, html('div', {}, 'Conversation'), axis.element)
  const list = createRows(
    { height: ROW_PX, count: () => shown.length, draw },
    { head, label: 'Conversations. Arrow keys move between them and along their turns' },
  )
  const empty = html('div', { class: 'nothing', hidden: true })
  const tools = html('div', { class: 'bar-tools' })
  for (const [index, { name }] of states.entries())
    tools.append(html('span', { class: 'key' }, shade(html('i', { class: 'swatch' }), shades[index]!), name))
  tools.append(
    html('span', { class: 'key' }, shade(html('i', { class: 'swatch thin' }), 'model-0'), 'model call'),
    html('span', { class: 'key' }, shade(html('i', { class: 'swatch thin' }), 'tool-0'), 'tool call'),
  )
  if (lanes.some(({ others }) => others.length > 0))
    tools.append(
      html('span', { class: 'key' }, shade(html('i', { class: 'swatch thin' }), 'other-0'), 'other effect'),
    )
  tools.append(html('span', { class: 'key' }, '◆ takeover'))
  const element = html('div', { class: 'fill' }, tools, empty, list.element)

  const laneWidth = () => Math.max(1, axis.element.clientWidth)

  function refresh() {
    const found = matches()
    shown = found ? lanes.filter((lane) => isFound(lane, found)) : lanes
    empty.hidden = shown.length > 0
    empty.textContent = empty.hidden
      ? ''
      : found
        ? 'No conversation is about all of these words.'
        : 'There was no conversation.'
    axis.refresh()
    list.refresh()
  }

  const isFound = ({ span, turns, chats, tools, others, takeovers }: StateLane, found: Uint8Array) =>
    [[span], turns, chats, tools, others, takeovers].some((places) => places.some((at) => found[at] === 1))

  function draw(index: number): HTMLElement {
    const lane = shown[index]!
    const hosts = [...new Set(lane.peers)].map((peer) => data.peers[peer]?.label ?? '').join(', ')
    const isBad = lane.outcome !== 'done'
    const role = data.roles[lane.role] ?? ''
    const who = html('div', {
      class: 'who',
      title: `${lane.conversation}, ${role}, at ${hosts}: ${lane.outcome}`,
    })
    const dot = shade(html('i', { class: 'dot' }), roleShade(lane.role))
    who.append(html('div', {}, dot, html('b', {}, lane.conversation)))
    const outcome = isBad && html('small', { class: lane.outcome === 'failed' ? 'bad' : '' }, lane.outcome)
    who.append(html('div', {}, html('small', {}, hosts), outcome))
    who.addEventListener('click', () => state.set({ span: lane.span }))
    const picture = svg('svg', { role: 'img', 'aria-label': `States of ${lane.conversation}` })
    drawStates(picture, lane)
    drawEffects(picture, lane.chats, EFFECT.chat, 'model-0')
    drawEffects(picture, lane.tools, EFFECT.tool, 'tool-0')
    drawEffects(picture, lane.others, EFFECT.other, 'other-0')
    for (const at of lane.takeovers) drawTakeover(picture, at)
    const isChosen = state.now().span === lane.span && lane.span >= 0
    return html('div', { class: `state-row state-columns${isChosen ? ' chosen' : ''}` }, who, picture)
  }

  function drawStates(picture: SVGSVGElement, { turns, entered, endMs }: StateLane) {
    const { percent } = state.now().scale
    const pixels = laneWidth()
    let drawnTo = Number.NEGATIVE_INFINITY
    for (const [index, at] of turns.entries()) {
      const from = spans.start[at]!
      const next = turns[index + 1]
      const to = Math.max(from, next === undefined ? endMs : spans.start[next]!)
      const left = Math.max(-1, percent(from))
      const right = Math.min(101, percent(to))
      const wide = ((right - left) / 100) * pixels
      const isChosen = at === state.now().span
      if (right < 0 || left > 100) continue
      if (!isChosen && wide < LEAST_PX && (right - drawnTo) * pixels < LEAST_PX * 100) continue
      drawnTo = right
      const { name, kind } = states[entered[index]!]!
      const box = svg('rect', { x: `${left}%`, width: `${Math.max(right - left, 0)}%`, ...STATE, rx: 1 })
      if (wide < 1) box.setAttribute('width', '1')
      box.append(svg('title', {}, `${name} for ${shortDuration(to - from)}, from ${shortDuration(from)}`))
      if (isChosen) box.classList.add('chosen')
      picture.append(clickable(shade(box, shades[entered[index]!]!), at))
      if (wide > name.length * LETTER_PX + 10) {
        const text = svg('text', { x: `${Math.max(0, left)}%`, dx: 5, y: STATE.y + 14, class: kind }, name)
        picture.append(text)
      }
    }
  }

  function drawEffects(
    picture: SVGSVGElement,
    places: readonly number[],
    { y, height }: { y: number; height: number },
    color: string,
  ) {
    const { percent } = state.now().scale
    const pixels = laneWidth()
    let drawnTo = Number.NEGATIVE_INFINITY
    for (const at of places) {
      const left = percent(spans.start[at]!)
      const right = percent(spans.start[at]! + spans.length[at]!)
      const failed = spans.failed[at] === 1
      if (right < 0 || left > 100 || (!failed && (right - drawnTo) * pixels < LEAST_PX * 100)) continue
      drawnTo = right
      const box = svg('rect', {
        x: `${left}%`,
        width: `${right - left}%`,
        y,
        height,
        class: failed ? 'failed' : '',
      })
      if (((right - left) / 100) * pixels < 1.5) box.setAttribute('width', '1.5')
      box.append(svg('title', {}, `${spans.textOf('name', at)}: ${shortDuration(spans.length[at]!)}`))
      if (at === state.now().span) box.classList.add('chosen')
      picture.append(clickable(shade(box, color), at))
    }
  }

  function drawTakeover(picture: SVGSVGElement, at: number) {
    const left = state.now().scale.percent(spans.start[at]!)
    if (left < 0 || left > 100) return
    const mark = svg('svg', { x: `${left}%`, overflow: 'visible' })
    mark.append(
      svg('path', { class: 'over', d: 'M0 1l6 6l-6 6l-6 -6z' }),
      svg('line', { x1: 0, y1: 13, x2: 0, y2: 43, stroke: 'var(--open)' }),
    )
    mark.append(
      svg('title', {}, `${spans.textOf('peer', at)} takes over at ${shortDuration(spans.start[at]!)}`),
    )
    picture.append(clickable(mark, at))
  }

  function clickable<Made extends SVGElement>(made: Made, at: number): Made {
    made.addEventListener('click', () => state.set({ span: at }))
    return made
  }

  const laneOf = (span: number) =>
    shown.findIndex(
      (lane) =>
        lane.span === span ||
        [lane.turns, lane.chats, lane.tools, lane.others, lane.takeovers].some((places) =>
          places.includes(span),
        ),
    )

  function reveal() {
    const { span } = state.now()
    const index = span < 0 ? -1 : laneOf(span)
    if (index >= 0) list.reveal(index)
  }

  function press({ key }: KeyboardEvent): boolean {
    const { span } = state.now()
    const at = span < 0 ? -1 : laneOf(span)
    const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && shown.length > 0) {
      state.set({ span: shown[Math.min(shown.length - 1, Math.max(0, at + step))]!.span })
      reveal()
      return true
    }
    const lane = shown[at]
    if (lane === undefined || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return false
    const turn = lane.turns.indexOf(span) + (key === 'ArrowRight' ? 1 : -1)
    state.set({ span: turn < 0 ? lane.span : lane.turns[Math.min(turn, lane.turns.length - 1)]! })
    return true
  }

  return { element, refresh, reveal, press }
}

/** The custom property with the colour of each state, which tells its kind. */
function shadesOf(states: PageContext['data']['states']['states']): string[] {
  const used = { model: 0, tool: 0, other: 0, wait: 0, done: 0, failed: 0 }
  return states.map(({ kind }) => `${kind}-${used[kind]++ % SHADES[kind]}`)
}
