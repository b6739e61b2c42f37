/** Starts a page: reads its data, and keeps the views, the panel and the address in step. */
import type { PageData } from '../page-data.ts'
import { readSpans } from '../span-reader.ts'
import type { PageContext, PageView } from './context.ts'
import { find } from './elements.ts'
import { createPanel } from './panel.ts'
import { matchesOf } from './query.ts'
import { sequenceView } from './sequence-view.ts'
import { createState, VIEWS, type View } from './state.ts'
import { statesView } from './states-view.ts'
import { topologyView } from './topology-view.ts'
import { waterfallView } from './waterfall-view.ts'

const data: PageData = JSON.parse(find('#data').textContent ?? '')
const spans = readSpans(data.spans, data.texts, data.startMs)
const state = createState(spans, data.lengthMs)
let matches = matchesOf(state.now().query, spans)
const context: PageContext = { data, spans, state, matches: () => matches }

const views: Record<View, PageView> = {
  waterfall: waterfallView(context),
  sequence: sequenceView(context),
  topology: topologyView(context),
  states: statesView(context),
}
const panel = createPanel(find('#panel'), context)
const input = find<HTMLInputElement>('#find')
const found = find('#found')

for (const view of VIEWS) {
  find(`#view-${view}`).append(views[view].element)
  find(`#tab-${view}`).addEventListener('click', () => state.set({ view }))
}

function show() {
  const { view, query } = state.now()
  for (const name of VIEWS) {
    const isShown = name === view
    find(`#view-${name}`).hidden = !isShown
    find(`#tab-${name}`).setAttribute('aria-selected', String(isShown))
    find(`#tab-${name}`).tabIndex = isShown ? 0 : -1
  }
  if (input.value !== query) input.value = query
  const count = matches?.reduce((sum, match) => sum + match, 0)
  found.textContent =
    count === undefined ? '' : `${count.toLocaleString('en-US')} of ${spans.count.toLocaleString('en-US')}`
  panel.refresh()
  views[view].refresh()
}

state.onChange((before) => {
  const now = state.now()
  if (now.query !== before.query) matches = matchesOf(now.query, spans)
  show()
  if (now.span !== before.span || now.view !== before.view) views[now.view].reveal()
})

addEventListener('resize', show)
input.addEventListener('input', () => state.set({ query: input.value }))
for (const shortcut of document.querySelectorAll<HTMLElement>('[data-find]'))
  shortcut.addEventListener('click', () =>
    state.set({ view: 'waterfall', query: shortcut.dataset.find ?? '' }),
  )

find('[role=tablist]').addEventListener('keydown', (event) => {
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (by === 0) return
  event.preventDefault()
  const next = VIEWS[(VIEWS.indexOf(state.now().view) + by + VIEWS.length) % VIEWS.length]!
  state.set({ view: next })
  find(`#tab-${next}`).focus()
})

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const isWriting = event.target === input
  if (event.key === 'Escape') {
    if (isWriting && input.value !== '') state.set({ query: '' })
    else state.set({ span: -1 })
  } else if (event.key === '/' && !isWriting) {
    event.preventDefault()
    input.focus()
  } else if (!isWriting && isForView(event.target) && views[state.now().view].press?.(event))
    event.preventDefault()
})

/** Keys on a tab, a button or in the panel are theirs. */
function isForView(target: EventTarget | null): boolean {
  if (!(target instanceof Element) || target === document.body) return true
  return target.closest('[role=tablist], aside, button, header') === null
}

show()
views[state.now().view].reveal()
