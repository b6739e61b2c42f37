/** All that is known of the chosen span, and ways from it to those that it has to do with. */
import { LINK, SKEIN } from '../../names.ts'
import { labelOf } from '../../read/detail.ts'
import { shortDuration } from '../../read/duration.ts'
import type { AttributeValue, Span } from '../../span.ts'
import { linkWords } from '../link-words.ts'
import { sentenceOf } from '../sentence.ts'
import type { ReadLink } from '../span-reader.ts'
import type { PageContext } from './context.ts'
import { button, html } from './elements.ts'

/** Below a span there may be thousands: so many are listed. */
const MOST_CHILDREN = 30

export function createPanel(element: HTMLElement, { data, spans, state }: PageContext) {
  const takers = new Map<number, number>()
  const senders = new Map<number, number>()
  for (const { span, taker } of data.sequence.steps)
    if (taker >= 0) {
      takers.set(span, taker)
      senders.set(taker, span)
    }

  function refresh() {
    const { span: at } = state.now()
    element.hidden = at < 0
    if (at < 0) return
    element.replaceChildren()
    try {
      draw(at)
    } catch (error) {
      // What a trace says may be anything, and the view beside the panel is still to be drawn.
      element.append(html('p', { class: 'trouble' }, `Not all of this span can be shown: ${error}`))
    }
  }

  function draw(at: number) {
    const span = spans.spanAt(at)
    const close = button('×', 'Close (Escape)', () => state.set({ span: -1 }), 'close')
    close.setAttribute('aria-label', 'Close')
    element.append(close, html('h3', {}, labelOf(span)))
    const sentence = sentenceOf(span, surroundings(at))
    if (sentence !== '') element.append(html('p', { class: 'sentence' }, sentence))
    if (span.status?.code === 'error')
      element.append(
        html('p', { class: 'trouble' }, span.status.message ?? 'It failed, and does not say why.'),
      )
    element.append(facts(at, span), relations(at), children(at))
    element.append(html('h2', {}, 'Attributes'), values(Object.entries(span.attributes)))
    const resource = html('details', {}, html('summary', {}, html('h2', {}, 'Made by')))
    resource.append(values(Object.entries(span.resource)))
    element.append(resource)
    element.scrollTop = 0
  }

  const peerName = (at: number) => {
    const peer = spans.textOf('peer', at)
    return data.peers.find(({ name }) => name === peer)?.label ?? peer
  }

  function surroundings(at: number) {
    const [taker, sender] = [takers.get(at), senders.get(at)]
    const taken = taker !== undefined && {
      taken: { peer: peerName(taker), afterMs: spans.start[taker]! - spans.start[at]! },
    }
    return { peer: peerName(at), ...taken, ...(sender !== undefined && { sentBy: peerName(sender) }) }
  }

  function facts(at: number, span: Span): HTMLElement {
    const { [SKEIN.stateFrom]: from, [SKEIN.stateTo]: to } = span.attributes
    const shift = spans.shiftOf(at)
    const lost = spans.lostParentOf(at)
    const rows: [string, string][] = [
      ['began', `${shortDuration(spans.start[at]!)} into the run`],
      ['took', shortDuration(spans.length[at]!)],
      ['clock', clockOf(span.startMs)],
    ]
    if (shift >= 0.05)
      rows.push(['moved', `${shortDuration(shift)} later than its host's clock, to follow its cause`])
    if (to !== undefined) rows.push(['state', `${from ?? ''} → ${to}`])
    rows.push(['status', span.status?.code ?? 'unset'], ['kind', span.kind], ['span', span.spanId])
    if (lost !== '') rows.push(['parent', `${lost}, which is not in the trace`])
    const table = html('table', { class: 'facts' })
    for (const [name, value] of rows)
      table.append(html('tr', {}, html('td', {}, name), html('td', {}, value)))
    const block = html('div', {}, html('h2', {}, 'Span'), table)
    return block
  }

  function relations(at: number): HTMLElement {
    const block = html('div')
    const parent = spans.parent[at]!
    const [taker, sender] = [takers.get(at), senders.get(at)]
    if (parent >= 0) block.append(jump('caused by', parent))
    if (sender !== undefined && !spans.linksOf(at).some(({ place }) => place === sender))
      block.append(jump('took the message of', sender))
    if (taker !== undefined && !spans.backlinksOf(at).some(({ place }) => place === taker))
      block.append(jump('taken by', taker))
    for (const link of spans.linksOf(at)) block.append(linked(asMessage(link, senders.get(at)), 'from'))
    for (const link of spans.backlinksOf(at)) block.append(linked(asMessage(link, takers.get(at)), 'to'))
    if (block.childElementCount > 0) block.prepend(html('h2', {}, 'Links'))
    return block
  }

  /** A link that does not say why it is there says it by whom it leads to. */
  const asMessage = (link: ReadLink, other: number | undefined): ReadLink =>
    link.kind === '' && link.place === other ? { ...link, kind: LINK.message } : link

  function linked({ kind, place, stray }: ReadLink, end: 'from' | 'to'): HTMLElement {
    const words = linkWords(kind, end)
    if (place >= 0) return jump(words, place)
    return html('div', {}, html('small', {}, `${words} `), `${stray}, which is not in the trace`)
  }

  function children(at: number): HTMLElement {
    const block = html('div')
    const below: number[] = []
    for (let child = at + 1; child < spans.end[at]!; child = spans.end[child]!) below.push(child)
    if (below.length === 0) return block
    block.append(html('h2', {}, `Led to ${below.length === 1 ? 'one span' : `${below.length} spans`}`))
    for (const child of below.slice(0, MOST_CHILDREN)) block.append(jump('', child))
    if (below.length > MOST_CHILDREN)
      block.append(
        html('p', { class: 'sentence' }, `and ${below.length - MOST_CHILDREN} more: see the waterfall`),
      )
    return block
  }

  function jump(words: string, to: number): HTMLElement {
    const made = html('button', { type: 'button', class: 'jump' })
    if (words !== '') made.append(html('small', {}, `${words} `))
    made.append(html('em', {}, labelOf(spans.spanAt(to))))
    made.append(html('small', {}, ` ${peerName(to)}, ${shortDuration(spans.start[to]!)}`))
    made.addEventListener('click', () => state.set({ span: to }))
    return made
  }

  return { refresh }
}

function values(entries: readonly (readonly [string, AttributeValue])[]): HTMLElement {
  const table = html('table', { class: 'attributes' })
  for (const [name, value] of entries)
    table.append(html('tr', {}, html('td', {}, name), html('td', {}, readable(name, value))))
  return table
}

function readable(name: string, value: AttributeValue): string {
  if (name === SKEIN.deadline && typeof value === 'number')
    return [...new Set([String(value), clockOf(value)])].join('\n')
  return typeof value === 'object' ? value.join('\n') : String(value)
}

/** The number as it is where no date is that far away. */
function clockOf(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return String(ms)
  return date.toISOString().replace('T', ' ').replace('Z', ' UTC')
}
