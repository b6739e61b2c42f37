/** How near theory came: for each metric and model, over all cells that it predicted. */
import type { CellResult, MetricName, Results } from '../results.ts'
import { isKnown } from './difference.ts'

export type Fit = {
  readonly metric: MetricName
  readonly model: string
  readonly cells: number
  /** Cells with the prediction inside the interval of what was measured. */
  readonly inside: number
  /** Of the sizes of the residuals, as shares; null where none is known. */
  readonly median: number | null
  readonly worst: { readonly residual: number; readonly cell: CellResult } | null
}

export function fitsOf({ cells, metrics }: Results): Fit[] {
  return Object.keys(metrics).flatMap((metric) => {
    const models = new Set(cells.flatMap((cell) => cell.predictions[metric]?.map(({ model }) => model) ?? []))
    return [...models].map((model) => fitOf(cells, metric, model))
  })
}

function fitOf(cells: readonly CellResult[], metric: MetricName, model: string): Fit {
  const compared = cells.flatMap((cell) => {
    const estimate = cell.estimates[metric]
    if (!isKnown(estimate)) return []
    const ofModel = (cell.predictions[metric] ?? []).filter((prediction) => prediction.model === model)
    return ofModel.map((prediction) => ({ ...prediction, cell, estimate }))
  })
  const known = compared
    .flatMap(({ residual, cell }) => (residual === null ? [] : [{ residual, cell }]))
    .sort((a, b) => Math.abs(a.residual) - Math.abs(b.residual))
  return {
    ...{ metric, model, cells: compared.length },
    inside: compared.filter(({ value, estimate }) => value >= estimate.low && value <= estimate.high).length,
    median: medianOf(known.map(({ residual }) => Math.abs(residual))),
    worst: known.at(-1) ?? null,
  }
}

function medianOf(ascending: readonly number[]): number | null {
  const middle = ascending.length / 2
  if (ascending.length === 0) return null
  return (ascending[Math.ceil(middle) - 1]! + ascending[Math.floor(middle)]!) / 2
}
