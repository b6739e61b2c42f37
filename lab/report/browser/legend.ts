/** What lines, bands and dashes are. Each line is a button that puts it away, and back. */
import { areaY, dot, lineY, plot, ruleX } from '@observablehq/plot'
import { html } from '../../../traces/page/browser/elements.ts'
import type { Figure, ReportData } from '../figures.ts'
import { colourOf, crossOf, dashOf, symbolOf } from './look.ts'
import { bare } from './svg.ts'

const WIDTH = 30
const HEIGHT = 14

export function legend(
  { models, panels }: Figure,
  { series, confidence, x }: ReportData,
  hidden: ReadonlySet<number>,
  toggle: (series: number) => void,
): HTMLElement {
  const isDrawn = (index: number) => panels.some(({ marks }) => marks.some((mark) => mark.series === index))
  const lines = series.flatMap(({ name, colour }, index) => {
    if (!isDrawn(index)) return []
    const button = html(
      'button',
      {
        ...{ type: 'button', 'aria-pressed': String(!hidden.has(index)), 'data-series': index },
        title: `show or hide ${name}`,
      },
      sample(sampleMarks(colourOf(colour), index, x.isNumber)),
      name,
    )
    button.addEventListener('click', () => toggle(index))
    return [html('li', {}, button)]
  })
  const dashes = models.map((model, index) =>
    key(
      `theory: ${model}`,
      x.isNumber
        ? lineY(LEVEL, {
            x: 'x',
            y: 'y',
            stroke: 'currentColor',
            strokeWidth: 2,
            strokeDasharray: dashOf(index),
          })
        : dot(MIDDLE, { x: 'x', y: 'y', symbol: crossOf(index), stroke: 'currentColor', r: 4 }),
    ),
  )
  const band = x.isNumber
    ? areaY(LEVEL, { x: 'x', y1: 0, y2: 1, fill: 'currentColor', fillOpacity: 0.2 })
    : ruleX(MIDDLE, { x: 'x', y1: 0, y2: 1, stroke: 'currentColor', strokeWidth: 2 })
  return html(
    'ul',
    { class: 'legend', 'aria-label': 'Legend' },
    ...lines,
    key(`${confidence} interval`, band),
    ...dashes,
  )
}

const LEVEL = [
  { x: 0, y: 0.5 },
  { x: 1, y: 0.5 },
]
const MIDDLE = [{ x: 0.5, y: 0.5 }]

const sampleMarks = (colour: string, index: number, isLine: boolean) => [
  ...(isLine ? [lineY(LEVEL, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2 })] : []),
  dot(MIDDLE, { x: 'x', y: 'y', fill: colour, symbol: symbolOf(index), r: 4 }),
]

const key = (text: string, mark: ReturnType<typeof dot>) =>
  html('li', {}, html('span', { class: 'key' }, sample([mark]), text))

function sample(marks: ReturnType<typeof dot>[]): Element {
  const drawn = plot({
    ...{ width: WIDTH, height: HEIGHT, margin: 0, axis: null, className: 'sample', marks },
    x: { domain: [0, 1] },
    y: { domain: [0, 1] },
  })
  drawn.setAttribute('aria-hidden', 'true')
  return bare(drawn)
}
