/** A figure: its legend, and its panels side by side with one scale, so that they can be compared by eye. */
import { html } from '../../../traces/page/browser/elements.ts'
import type { Figure, ReportData } from '../figures.ts'
import { legend } from './legend.ts'
import { panelPlot } from './panel-plot.ts'
import { yScaleOf } from './y-scale.ts'

export type FigureView = {
  /** Draws it for the width that it has now. */
  draw(): void
  /** Pixels between it and what is on the screen. */
  distance(): number
}

export function figureView(
  element: HTMLElement,
  figure: Figure,
  data: ReportData,
  hidden: ReadonlySet<number>,
  toggle: (series: number) => void,
): FigureView {
  const panels = figure.panels.map((panel) => {
    const place = html('div', { class: 'place' })
    const title = panel.title !== '' && html('h3', {}, panel.title)
    return { panel, place, element: html('div', { class: 'panel' }, title, place) }
  })
  const key = html('div')
  const isOne = panels.length === 1
  element.replaceChildren(
    key,
    html('div', { class: isOne ? 'panels one' : 'panels' }, ...panels.map((panel) => panel.element)),
  )
  return {
    distance() {
      const { top, bottom } = element.getBoundingClientRect()
      return Math.max(0, top - innerHeight, -bottom)
    },
    draw() {
      const focused = key.contains(document.activeElement) ? document.activeElement : null
      const series = focused instanceof HTMLElement ? focused.dataset.series : undefined
      key.replaceChildren(legend(figure, data, hidden, toggle))
      if (series !== undefined) key.querySelector<HTMLElement>(`[data-series="${series}"]`)?.focus()
      for (const { panel, place } of panels) {
        const among = figure.isResidual ? [panel] : figure.panels
        const scale = yScaleOf(among, hidden, figure.isResidual)
        place.replaceChildren(panelPlot({ panel, figure, data, hidden, scale, width: place.clientWidth }))
      }
    },
  }
}
