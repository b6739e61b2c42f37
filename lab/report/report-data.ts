/** What the script of a report is given to draw, made of results. */
import type { MetricName, Results } from '../results.ts'
import { isKnown } from './difference.ts'
import type { DrawnPanel, Figure, Mark, ReportData } from './figures.ts'
import { interval, joined, percent, quantity, withUnit } from './quantity.ts'
import type { Layout, Panel, PlacedCell } from './series.ts'

export const figureId = (metric: MetricName, metrics: Results['metrics']): string =>
  `figure-${Object.keys(metrics).indexOf(metric)}`

export const RESIDUALS_ID = 'figure-residuals'

export function reportDataOf(results: Results, layout: Layout): ReportData {
  const { x } = layout
  const residuals = residualsOf(results, layout)
  const topologies = [...new Set(layout.series.map(({ topology }) => topology))]
  return {
    series: layout.series.map(({ name, topology }) => ({ name, colour: topologies.indexOf(topology) })),
    confidence: percent(results.confidence),
    x:
      x.kind === 'number'
        ? { isNumber: true, isLog: x.isLog, label: withUnit(x.label, x.unit), values: x.values }
        : { isNumber: false, isLog: false, label: 'topology', values: [] },
    figures: [
      ...Object.keys(results.metrics).map((metric) => figureOf(results, layout, metric)),
      ...(residuals === undefined ? [] : [residuals]),
    ],
  }
}

function figureOf(results: Results, layout: Layout, metric: MetricName): Figure {
  const { label, unit } = results.metrics[metric]!
  const models = modelsOf(results, metric)
  return {
    ...{
      id: figureId(metric, results.metrics),
      name: label,
      y: withUnit(label, unit),
      models,
      isResidual: false,
    },
    panels: layout.panels.map((panel) => ({
      title: panel.title,
      marks: panel.cells.flatMap((placed) => markOf(placed, metric, unit, layout, results)),
      theory: panel.cells.flatMap(({ cell, series, x }) =>
        (cell.predictions[metric] ?? []).flatMap(({ model, value }) =>
          Number.isFinite(value) ? [{ series, model: models.indexOf(model), x, y: value }] : [],
        ),
      ),
    })),
  }
}

const modelsOf = ({ cells }: Results, metric: MetricName): string[] => [
  ...new Set(cells.flatMap(({ predictions }) => (predictions[metric] ?? []).map(({ model }) => model))),
]

function markOf(
  placed: PlacedCell,
  metric: MetricName,
  unit: string,
  layout: Layout,
  results: Results,
): Mark[] {
  const { cell, series, x } = placed
  const estimate = cell.estimates[metric]
  if (!isKnown(estimate)) return []
  const { value, low, high } = interval({ ...estimate, value: estimate.mean })
  const predicted = (cell.predictions[metric] ?? []).map(
    (one) =>
      `${one.model}: ${quantity(one.value, unit)}${one.residual === null ? '' : ` (${percent(one.residual)})`}`,
  )
  const says = [
    `${layout.series[series]!.name}${xText(layout, x)}`,
    `${joined(value, unit)}, ${percent(results.confidence)} interval ${low} to ${high}`,
    ...predicted,
  ].join('\n')
  return [{ series, x, y: estimate.mean, low: estimate.low, high: estimate.high, says }]
}

const xText = ({ x }: Layout, value: number): string =>
  x.kind === 'series' ? '' : `, ${x.label} ${quantity(value)}`

/** A panel for each metric and model with residuals, and for each panel of the layout. */
function residualsOf(results: Results, layout: Layout): Figure | undefined {
  const panels = Object.entries(results.metrics).flatMap(([metric, { label }]) =>
    modelsOf(results, metric).flatMap((model) =>
      layout.panels.map((panel): DrawnPanel => {
        const title = [`${label}: ${model}`, panel.title].filter((part) => part !== '').join(' · ')
        return { title, theory: [], marks: residualMarks(panel, metric, model, layout) }
      }),
    ),
  )
  const drawn = panels.filter(({ marks }) => marks.length > 0)
  if (drawn.length === 0) return undefined
  return {
    ...{ id: RESIDUALS_ID, name: 'residuals', y: 'measured less predicted (% of predicted)' },
    ...{ models: [], panels: drawn, isResidual: true },
  }
}

function residualMarks(panel: Panel, metric: MetricName, model: string, layout: Layout): Mark[] {
  return panel.cells.flatMap(({ cell, series, x }) => {
    const estimate = cell.estimates[metric]
    const prediction = cell.predictions[metric]?.find((one) => one.model === model)
    if (!isKnown(estimate) || prediction === undefined || prediction.residual === null) return []
    const share = (measured: number) => ((measured - prediction.value) / Math.abs(prediction.value)) * 100
    const says = [
      `${layout.series[series]!.name}${xText(layout, x)}`,
      `${percent(prediction.residual)} off, interval ${percent(share(estimate.low) / 100)} to ${percent(share(estimate.high) / 100)}`,
    ].join('\n')
    return [
      { series, x, y: prediction.residual * 100, low: share(estimate.low), high: share(estimate.high), says },
    ]
  })
}
