/** Starts a report: draws its figures, again when the width changes or a line is hidden, and lets choose the colours. */
import { find } from '../../../traces/page/browser/elements.ts'
import type { ReportData } from '../figures.ts'
import { type FigureView, figureView } from './figure-view.ts'
import { letChooseTheme } from './theme.ts'

const data: ReportData = JSON.parse(find('#data').textContent ?? '')
/** Lines that the reader has put away, in all plots alike. */
const hidden = new Set<number>()
const views = data.figures.map((figure) => figureView(find(`#${figure.id}`), figure, data, hidden, toggle))

function toggle(series: number) {
  if (!hidden.delete(series)) hidden.add(series)
  drawAll()
}

const turns = new MessageChannel()
let waiting: FigureView[] = []

/** One figure at a time, those on the screen first; between two of them the page answers to its reader. */
function drawAll() {
  const isUnderWay = waiting.length > 0
  const distances = new Map(views.map((view) => [view, view.distance()]))
  waiting = [...views].sort((a, b) => distances.get(a)! - distances.get(b)!)
  if (!isUnderWay) turns.port2.postMessage(null)
}

turns.port1.onmessage = () => {
  waiting.shift()?.draw()
  if (waiting.length > 0) turns.port2.postMessage(null)
}

/** On paper nothing can be opened: all findings are, and all figures are there. The numbers stay with the reader. */
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>('#findings details')) folded.open = true
  for (const view of waiting.splice(0)) view.draw()
})

let width = innerWidth
addEventListener('resize', () => {
  if (innerWidth === width) return
  width = innerWidth
  drawAll()
})

drawAll()
letChooseTheme()
