/** The topology: peers on a circle, and between them how many messages went which way. */
import { MOST_RADIUS_PX, type Point, ringOf } from '../ring.ts'
import type { TopologyEdge, TopologyNode } from '../topology.ts'
import { type PageContext, type PageView, roleShade } from './context.ts'
import { html, shade, svg } from './elements.ts'

/** With more edges their counts are shown of those only that are pointed at. */
const COUNTED_EDGES = 60

export function topologyView({ data }: PageContext): PageView {
  const { nodes, edges, accounting } = data.topology
  const most = edges[0]?.messages ?? 1
  const picture = svg('svg', { role: 'group', 'aria-label': 'Peers and the messages between them' })
  const list = html('div', { class: 'edges' }, html('h2', {}, 'Messages, the busiest ways first'))
  const element = html('div', { class: 'fill' }, html('div', { class: 'map' }, picture, list))
  let radius = MOST_RADIUS_PX
  let hasNamesInside = true
  const drawn: { shape: Element; item?: HTMLElement; touches(node: number): boolean }[] = []
  /** What is shown alone, once it was clicked. */
  let kept: { edge?: number; node?: number } | undefined

  function refresh() {
    const { clientWidth: width, clientHeight: height } = picture
    const [w, h] = [Math.max(width, 320), Math.max(height, 320)]
    picture.setAttribute('viewBox', `0 0 ${w} ${h}`)
    const ring = ringOf(w, h, nodes.length)
    const { at } = ring
    radius = ring.radius
    hasNamesInside = ring.hasNamesInside
    drawn.length = 0
    picture.replaceChildren()
    list.replaceChildren(list.firstElementChild!)
    // The labels lie above all lines.
    const labels = svg('g')
    for (const [index, edge] of edges.entries()) drawEdge(index, edge, at, labels)
    picture.append(labels)
    for (const [index, node] of nodes.entries()) drawNode(index, node, at(node))
    if (edges.length === 0) list.append(html('p', { class: 'nothing' }, 'No message was sent.'))
    if (accounting > 0) list.append(html('p', { class: 'left-out' }, accountingWords(accounting)))
    highlight(kept)
  }

  type Place = (node: TopologyNode) => Point

  function drawEdge(index: number, edge: TopologyEdge, at: Place, labels: SVGGElement) {
    const [from, to] = [nodes[edge.from], nodes[edge.to]]
    if (from === undefined || to === undefined) return
    const [a, b] = [at(from), at(to)]
    const stroke = 1.2 + 4 * Math.sqrt(edge.messages / most)
    const { path, middle, tip } = edge.from === edge.to ? loop(a, radius) : bow(a, b, stroke, radius)
    const group = svg(
      'g',
      { class: `edge${edge.failures > 0 ? ' failing' : ''}` },
      svg('title', {}, titleOf(edge)),
    )
    group.append(
      svg('path', { d: path, 'stroke-width': stroke, 'stroke-opacity': 0.75 }),
      svg('path', { d: tip, class: 'head' }),
      svg('path', { d: path, class: 'hit' }),
    )
    shade(group, roleShade(from.role))
    picture.append(group)
    const count = svg(
      'g',
      { class: `edge${edge.failures > 0 ? ' failing' : ''}` },
      svg('title', {}, titleOf(edge)),
    )
    const size = edge.messages > 999 ? 16 : edge.messages > 99 ? 13 : 10
    count.append(svg('circle', { cx: middle.x, cy: middle.y, r: size }))
    count.append(svg('text', { x: middle.x, y: middle.y }, String(edge.messages)))
    if (edges.length > COUNTED_EDGES) count.classList.add('quiet')
    labels.append(count)
    const item = listItem(edge)
    list.append(item)
    for (const shape of [group, count, item]) {
      shape.addEventListener('click', () => keep({ edge: index }))
      shape.addEventListener('mouseenter', () => highlight({ edge: index }))
      shape.addEventListener('mouseleave', () => highlight(kept))
    }
    item.addEventListener('focus', () => highlight({ edge: index }))
    item.addEventListener('blur', () => highlight(kept))
    const touches = (node: number) => edge.from === node || edge.to === node
    drawn.push({ shape: group, item, touches }, { shape: count, item, touches })
  }

  function listItem(edge: TopologyEdge): HTMLElement {
    const made = html('button', { type: 'button' })
    const way = html('span', {}, html('b', {}, labelOf(edge.from)), ' → ', html('b', {}, labelOf(edge.to)))
    made.append(way, html('b', {}, String(edge.messages)))
    made.append(html('small', {}, edge.types.map(([type, count]) => `${count} ${type}`).join(', ')))
    if (edge.failures > 0) made.append(html('small', { class: 'bad' }, `${edge.failures} tell of a failure`))
    return made
  }

  const labelOf = (node: number) => nodes[node]?.label ?? 'unknown'

  const titleOf = ({ from, to, messages, types, failures }: TopologyEdge) =>
    [
      `${labelOf(from)} → ${labelOf(to)}: ${messages}`,
      ...types.map(([type, count]) => `${count} × ${type}`),
      ...(failures > 0 ? [`${failures} tell of a failure`] : []),
    ].join('\n')

  function drawNode(index: number, node: TopologyNode, { x, y }: Point) {
    const { label, peer, role, conversations, turns, chats, tools } = node
    const told = peer < 0 ? 'nobody took these' : `${count(chats, 'call')}, ${count(tools, 'tool')}`
    const group = svg('g', {
      class: `node${peer < 0 ? ' nobody' : ''}`,
      tabindex: 0,
      role: 'button',
      'aria-label': label,
    })
    group.append(
      svg('title', {}, `${label}: ${count(conversations, 'conversation')}, ${count(turns, 'turn')}, ${told}`),
      svg('circle', { cx: x, cy: y, r: radius }),
    )
    if (!hasNamesInside) {
      // Along the ray from the middle, so that neighbours do not write over each other.
      const isRight = node.x > -0.01
      const angle = (Math.atan2(node.y, node.x) * 180) / Math.PI + (isRight ? 0 : 180)
      const beside = { x: x + (radius + 6) * (isRight ? 1 : -1), y: y + 4, class: isRight ? 'right' : 'left' }
      group.append(svg('g', { transform: `rotate(${angle} ${x} ${y})` }, svg('text', beside, short(label))))
    } else {
      group.append(
        svg('text', { x, y: y - 2 }, short(label)),
        svg('text', { x, y: y + 13, class: 'soft' }, peer < 0 ? '' : count(conversations, 'talk')),
        svg('text', { x, y: y + radius + 16, class: 'soft' }, chats + tools > 0 || peer < 0 ? told : ''),
      )
    }
    shade(group, roleShade(role))
    group.addEventListener('click', () => keep({ node: index }))
    group.addEventListener('mouseenter', () => highlight({ node: index }))
    group.addEventListener('mouseleave', () => highlight(kept))
    group.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      keep({ node: index })
    })
    picture.append(group)
    const touches = (other: number) =>
      other === index ||
      edges.some(({ from, to }) => (from === index && to === other) || (to === index && from === other))
    drawn.push({ shape: group, touches })
  }

  /** Once more: everything again. Nothing is drawn anew, so what has the focus keeps it. */
  function keep(what: { edge?: number; node?: number }) {
    kept = kept?.edge === what.edge && kept?.node === what.node ? undefined : what
    highlight(kept)
  }

  function highlight(what: { edge?: number; node?: number } | undefined) {
    const edge = what?.edge === undefined ? undefined : edges[what.edge]
    const item = what?.edge === undefined ? undefined : list.children[what.edge + 1]
    picture.classList.toggle('pointed', what !== undefined)
    for (const one of drawn) {
      const isShown =
        what === undefined ||
        (edge === undefined
          ? one.touches(what.node ?? -1)
          : one.item === undefined
            ? one.touches(edge.from) && one.touches(edge.to)
            : one.item === item)
      one.shape.classList.toggle('faded', !isShown)
      one.item?.classList.toggle('chosen', what !== undefined && isShown)
    }
  }

  return { element, refresh, reveal: () => {} }
}

const accountingWords = (messages: number): string =>
  `Left out: ${count(messages, 'message')} by which a run knows that it is over`

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

const short = (label: string): string => (label.length > 13 ? `${label.slice(0, 12)}…` : label)

/** From the rim of one node to that of another, bent to the right, so that the way back is another line. */
function bow(a: Point, b: Point, stroke: number, radius: number) {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const long = Math.hypot(dx, dy) || 1
  const [nx, ny] = [-dy / long, dx / long]
  const bend = Math.min(46, long * 0.14)
  const control = { x: (a.x + b.x) / 2 + nx * bend, y: (a.y + b.y) / 2 + ny * bend }
  const start = toward(a, control, radius + 2)
  const point = toward(b, control, radius + 3)
  const size = 6 + stroke
  const end = toward(b, control, radius + 3 + size)
  const [tx, ty] = [(point.x - end.x) / size, (point.y - end.y) / size]
  const half = size * 0.55
  return {
    path: `M${xy(start)}Q${xy(control)} ${xy(end)}`,
    // Nearer to where it comes from, so that the counts of both ways do not lie on each other.
    middle: along(start, control, end, 0.38),
    tip: `M${xy(point)}L${xy({ x: end.x - ty * half, y: end.y + tx * half })}L${xy({ x: end.x + ty * half, y: end.y - tx * half })}Z`,
  }
}

/** A peer that writes to itself: one conversation of it to another. */
function loop({ x, y }: Point, radius: number) {
  const top = y - radius
  return {
    path: `M${x - 14} ${top + 2}C${x - 44} ${top - 46} ${x + 44} ${top - 46} ${x + 17} ${top - 4}`,
    middle: { x, y: top - 33 },
    tip: `M${x + 13} ${top + 4}l-1 -10l10 3z`,
  }
}

function toward(from: Point, to: Point, by: number): Point {
  const long = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return { x: from.x + ((to.x - from.x) * by) / long, y: from.y + ((to.y - from.y) * by) / long }
}

const along = (a: Point, control: Point, b: Point, t: number): Point => ({
  x: (1 - t) ** 2 * a.x + 2 * (1 - t) * t * control.x + t ** 2 * b.x,
  y: (1 - t) ** 2 * a.y + 2 * (1 - t) * t * control.y + t ** 2 * b.y,
})

const xy = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`
