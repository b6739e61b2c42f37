/** What is to be seen: the view, the chosen span, what is looked for and which part of the run. Kept in the address. */
import type { SpanReader } from '../span-reader.ts'
import { type Timescale, timescale } from './timescale.ts'

export const VIEWS = ['waterfall', 'sequence', 'topology', 'states'] as const
export type View = (typeof VIEWS)[number]

export type Seen = {
  readonly view: View
  /** Place of a span; −1: none. */
  readonly span: number
  readonly query: string
  readonly scale: Timescale
}

export type PageState = {
  now(): Seen
  set(change: Partial<Seen>): void
  zoomOut(): void
  /** Called after each change, with what was before. */
  onChange(listener: (before: Seen) => void): void
}

/** Thousandths of a millisecond, in as few digits as there are. */
const fine = (ms: number): number => Number(ms.toFixed(3))

export function createState(spans: SpanReader, lengthMs: number): PageState {
  const whole = timescale(0, lengthMs)
  const listeners: ((before: Seen) => void)[] = []
  let seen: Seen = fromHash()
  let isAsked = false

  function fromHash(): Seen {
    const given = new URLSearchParams(location.hash.slice(1))
    const [from, to] = (given.get('time') ?? '').split('-').map(Number)
    const isPart = from !== undefined && to !== undefined && to > from
    return {
      view: VIEWS.find((view) => view === given.get('tab')) ?? 'waterfall',
      span: given.has('span') ? spans.placeOf(given.get('span') ?? '') : -1,
      query: given.get('find') ?? '',
      scale: isPart ? timescale(from, to) : whole,
    }
  }

  function toHash({ view, span, query, scale }: Seen): string {
    const parts = new URLSearchParams({ tab: view })
    if (span >= 0) parts.set('span', spans.idOf(span))
    if (query !== '') parts.set('find', query)
    if (scale.from !== whole.from || scale.to !== whole.to)
      parts.set('time', `${Math.max(0, fine(scale.from))}-${fine(scale.to)}`)
    return `#${parts}`
  }

  function become(next: Seen) {
    const before = seen
    seen = next
    for (const listener of listeners) listener(before)
  }

  addEventListener('hashchange', () => {
    if (location.hash !== toHash(seen)) become(fromHash())
  })

  function set(change: Partial<Seen>) {
    become({ ...seen, ...change })
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(writeHash)
  }

  /** Once a frame at most: a browser refuses an address that changes with every key of a held one. */
  function writeHash() {
    isAsked = false
    try {
      history.replaceState(null, '', toHash(seen))
    } catch {
      // The address is for reload and for sharing: what is to be seen does not depend on it.
    }
  }

  return {
    now: () => seen,
    set,
    zoomOut: () => set({ scale: whole }),
    onChange: (listener) => void listeners.push(listener),
  }
}
