/** One plot: bands, lines and symbols of what was measured, dashes of what was predicted. */
import {
  areaY,
  axisX,
  axisY,
  dot,
  gridY,
  line,
  lineY,
  type Markish,
  plot,
  pointer,
  ruleX,
  ruleY,
  tip,
} from '@observablehq/plot'
import type { DrawnPanel, Figure, Foretold, Mark, ReportData } from '../figures.ts'
import { quantity, shortNumber } from '../quantity.ts'
import { colourOf, crossOf, dashOf, symbolOf } from './look.ts'
import { bare } from './svg.ts'
import { fittingTicks, TEXT_PX, wrapped, yTicks } from './ticks.ts'
import type { YScale } from './y-scale.ts'

export type PanelOptions = {
  readonly panel: DrawnPanel
  readonly figure: Figure
  readonly data: ReportData
  readonly hidden: ReadonlySet<number>
  readonly scale: YScale
  /** Pixels. */
  readonly width: number
}

const HEIGHT = 300
const LINE_PX = 15
const RIGHT_PX = 18
const LEAST_PX = 200
/** Residuals beyond this are worth a look. */
const GOOD_PERCENT = 10

export function panelPlot(options: PanelOptions): SVGElement {
  const { panel, figure, data, hidden, scale } = options
  const width = Math.max(LEAST_PX, options.width)
  const marks = panel.marks.filter(({ series }) => !hidden.has(series))
  const theory = panel.theory.filter(({ series }) => !hidden.has(series))
  const shade: Shade = (series) => colourOf(data.series[series]!.colour)
  const ticks = yTicks(scale)
  const left = 14 + TEXT_PX * Math.max(...ticks.map((tick) => shortNumber(tick).length))
  const yLabel = wrapped(scale.isLog ? `${figure.y}, log scale` : figure.y, width - 20)
  const x = xOptions(options, width - left - RIGHT_PX)
  const drawn = plot({
    ...{ width, height: HEIGHT + LINE_PX * yLabel.length, className: 'plot' },
    ...{
      marginLeft: left,
      marginRight: RIGHT_PX,
      marginTop: 10 + LINE_PX * yLabel.length,
      marginBottom: x.bottom,
    },
    ariaLabel: altText(options, marks),
    x: x.scale,
    y: { type: scale.isLog ? 'log' : 'linear', domain: [...scale.domain] },
    marks: [
      gridY(ticks, {}),
      axisY(ticks, { text: shortNumber, label: yLabel.join('\n'), labelArrow: 'none' }),
      axisX(x.ticks, { ...x.axis, label: data.x.label, labelAnchor: 'center', labelArrow: 'none' }),
      ...(figure.isResidual ? residualRules() : []),
      ...(data.x.isNumber ? lineMarks(marks, theory, shade) : columnMarks(marks, theory, shade)),
      tip(
        marks,
        pointer({
          ...{ x: data.x.isNumber ? 'x' : 'series', y: 'y', title: 'says' },
          ...{ fontSize: 12, lineHeight: 1.35, lineWidth: 40, stroke: 'currentColor', strokeOpacity: 0.4 },
        }),
      ),
    ],
  })
  drawn.setAttribute('role', 'img')
  return bare(drawn as SVGElement)
}

/** The colour of a line. */
type Shade = (series: number) => string

/** Ticks are given with their text: left to itself, a logarithmic scale drops some of the texts. */
function xOptions({ data, figure, hidden }: PanelOptions, plotWidth: number) {
  const { x, series } = data
  if (x.isNumber) {
    return {
      bottom: 44,
      ticks: fittingTicks(x.values, x.isLog, plotWidth),
      axis: { text: shortNumber },
      scale: {
        ...{ type: x.isLog ? ('log' as const) : ('linear' as const), insetLeft: 8, insetRight: 8 },
        domain: [x.values[0]!, x.values.at(-1)!],
      },
    }
  }
  const shown = seriesIn(figure.panels.flatMap(({ marks }) => marks)).filter((index) => !hidden.has(index))
  const longest = Math.max(0, ...shown.map((index) => series[index]!.name.length)) * TEXT_PX
  const isTilted = longest > plotWidth / Math.max(1, shown.length)
  return {
    bottom: isTilted ? 40 + longest * 0.6 : 44,
    ticks: shown,
    axis: { text: (index: number) => series[index]!.name, ...(isTilted && { tickRotate: -35 }) },
    scale: { type: 'point' as const, domain: shown, padding: 0.6 },
  }
}

/** Bands first, so that none lies on a line. */
function lineMarks(marks: readonly Mark[], theory: readonly Foretold[], shade: Shade): Markish[] {
  const each = seriesIn(marks)
  const models = [...new Set(theory.map(({ model }) => model))]
  const of = (series: number) => ascending(marks.filter((mark) => mark.series === series))
  return [
    ...each.map((series) =>
      areaY(of(series), { x: 'x', y1: 'low', y2: 'high', fill: shade(series), fillOpacity: 0.18 }),
    ),
    // A line that was measured at one point has no band; a thin level lets the others be compared with it.
    ...each
      .filter((series) => of(series).length === 1)
      .flatMap((series) => [
        ruleX(of(series), { x: 'x', y1: 'low', y2: 'high', stroke: shade(series), strokeWidth: 2 }),
        ruleY(of(series), { y: 'y', stroke: shade(series), strokeOpacity: 0.5 }),
      ]),
    ...each.map((series) => lineY(of(series), { x: 'x', y: 'y', stroke: shade(series), strokeWidth: 2 })),
    // On the line that it foretells, where the two agree.
    ...models.flatMap((model) =>
      seriesIn(theory).map((series) =>
        line(ascending(theory.filter((one) => one.series === series && one.model === model)), {
          ...{
            x: 'x',
            y: 'y',
            stroke: `color-mix(in srgb, ${shade(series)} 60%, var(--ink))`,
            strokeWidth: 1.5,
            strokeDasharray: dashOf(model),
            clip: true,
          },
        }),
      ),
    ),
    ...each.map((series) => symbols(of(series), series, shade)),
  ]
}

function columnMarks(marks: readonly Mark[], theory: readonly Foretold[], shade: Shade): Markish[] {
  const beside = (one: { series: number }) => one.series
  return [
    ruleX(marks, {
      x: beside,
      y1: 'low',
      y2: 'high',
      stroke: ({ series }: Mark) => shade(series),
      strokeWidth: 3,
    }),
    ...[...new Set(theory.map(({ model }) => model))].map((model) =>
      dot(
        theory.filter((one) => one.model === model),
        {
          ...{ x: beside, y: 'y', symbol: crossOf(model), r: 5, clip: true },
          stroke: 'currentColor',
          strokeWidth: 1.5,
        },
      ),
    ),
    ...seriesIn(marks).map((series) =>
      dot(
        marks.filter((mark) => mark.series === series),
        {
          ...{ x: beside, y: 'y', fill: shade(series), symbol: symbolOf(series), r: 4.5 },
        },
      ),
    ),
  ]
}

const symbols = (marks: readonly Mark[], series: number, shade: Shade) =>
  dot(marks, {
    ...{ x: 'x', y: 'y', fill: shade(series), symbol: symbolOf(series), r: 4 },
    ...{ stroke: 'var(--ground)', strokeWidth: 0.75 },
  })

const residualRules = () => [
  ruleY([0], { stroke: 'currentColor' }),
  ruleY([-GOOD_PERCENT, GOOD_PERCENT], {
    stroke: 'currentColor',
    strokeOpacity: 0.5,
    strokeDasharray: '1 3',
  }),
]

const seriesIn = (marks: readonly { series: number }[]): number[] =>
  [...new Set(marks.map(({ series }) => series))].sort((a, b) => a - b)

const ascending = <One extends { readonly x: number }>(marks: readonly One[]): One[] =>
  [...marks].sort((a, b) => a.x - b.x)

/** What the plot says, for who does not see it: each line by its ends. */
function altText({ panel, figure, data }: PanelOptions, marks: readonly Mark[]): string {
  const lines = seriesIn(marks).map((series) => {
    const mine = ascending(marks.filter((mark) => mark.series === series))
    const [first, last] = [mine[0]!, mine.at(-1)!]
    const name = data.series[series]!.name
    if (first === last || !data.x.isNumber) return `${name}: ${quantity(first.y)}`
    return `${name}: ${quantity(first.y)} at ${quantity(first.x)}, ${quantity(last.y)} at ${quantity(last.x)}`
  })
  const title = panel.title === '' ? '' : `, ${panel.title}`
  return `Plot of ${figure.y} over ${data.x.label}${title}. ${lines.join('; ')}. The table has all numbers.`
}
