/** Rows of one height, of which only those are drawn that are to be seen: a hundred thousand cost as much as fifty. */
import { html } from './elements.ts'

export type RowSource = {
  readonly height: number
  count(): number
  draw(index: number): HTMLElement
}

export type Rows = {
  readonly element: HTMLElement
  /** Draws all anew. */
  refresh(): void
  /** Scrolls so far that the row is to be seen. */
  reveal(index: number): void
  /** How many are to be seen at once. */
  page(): number
}

/** Drawn above and below what is to be seen. */
const SPARE = 8

/** `head` stays on top while the rows scroll beneath it. */
export function createRows(source: RowSource, options: { readonly head?: HTMLElement; label: string }): Rows {
  const canvas = html('div', { class: 'rows' })
  const { head, label } = options
  const element = html(
    'div',
    { class: 'scroll', tabindex: 0, 'aria-label': label, role: 'group' },
    head,
    canvas,
  )
  const drawn = new Map<number, HTMLElement>()
  let asked = false

  const top = () => head?.offsetHeight ?? 0

  function draw() {
    asked = false
    const { height } = source
    const first = Math.max(0, Math.floor(element.scrollTop / height) - SPARE)
    const last = Math.min(
      source.count(),
      Math.ceil((element.scrollTop + element.clientHeight) / height) + SPARE,
    )
    for (const [index, row] of drawn)
      if (index < first || index >= last) {
        row.remove()
        drawn.delete(index)
      }
    for (let index = first; index < last; index++) {
      if (drawn.has(index)) continue
      const row = source.draw(index)
      row.style.top = `${index * height}px`
      canvas.append(row)
      drawn.set(index, row)
    }
  }

  function ask() {
    if (asked) return
    asked = true
    requestAnimationFrame(draw)
  }

  element.addEventListener('scroll', ask, { passive: true })

  function refresh() {
    for (const row of drawn.values()) row.remove()
    drawn.clear()
    canvas.style.height = `${source.count() * source.height}px`
    draw()
  }

  return {
    element,
    refresh,
    reveal(index) {
      const from = index * source.height
      const room = element.clientHeight - top()
      if (from >= element.scrollTop && from + source.height <= element.scrollTop + room) return
      element.scrollTop = Math.max(0, from - room / 2)
    },
    page: () => Math.max(1, Math.floor((element.clientHeight - top()) / source.height) - 1),
  }
}
