/** Results as tables for other programs: RFC 4180, with a head line, numbers in full, nothing where nothing is known. */
import type { Prediction, Results, Sample } from '../results.ts'

type Field = string | number | null | undefined

/**
 * One line for each cell and metric that it has an estimate or a prediction of. Each parameter that was varied has a
 * column `varied.` and its path. Predictions stand side by side, as `model_1`, `prediction_1`, `residual_1` and so on;
 * a residual is measured less predicted, over predicted.
 */
export function cellsCsv({ cells, metrics, confidence }: Results): string {
  const paths = [...new Set(cells.flatMap(({ varied }) => Object.keys(varied)))]
  const most = Math.max(
    1,
    ...cells.flatMap(({ predictions }) => Object.values(predictions).map(({ length }) => length)),
  )
  const places = Array.from({ length: most }, (_, index) => index)
  const head = [
    ...['cell', 'topology', 'placement', 'size', 'faults', ...paths.map((path) => `varied.${path}`)],
    ...['metric', 'unit', 'mean', 'low', 'high', 'confidence', 'count'],
    ...places.flatMap((index) => [`model_${index + 1}`, `prediction_${index + 1}`, `residual_${index + 1}`]),
  ]
  const lines = cells.flatMap((cell) =>
    Object.entries(metrics).flatMap(([name, { unit }]) => {
      const { [name]: estimate } = cell.estimates
      const predictions = cell.predictions[name] ?? []
      if (estimate === undefined && predictions.length === 0) return []
      const { id, topology, placement, size, faults, varied } = cell
      return [
        [
          ...[id, topology, placement, size, faults, ...paths.map((path) => varied[path]), name, unit],
          ...[estimate?.mean, estimate?.low, estimate?.high, confidence, estimate?.count ?? 0],
          ...places.flatMap((index) => fieldsOf(predictions[index])),
        ],
      ]
    }),
  )
  return csvOf([head, ...lines])
}

const fieldsOf = (prediction: Prediction | undefined): Field[] => [
  ...[prediction?.model, prediction?.value, prediction?.residual],
]

/** One line for each run and metric; a run of which nothing was measured has one line without a metric. */
export function samplesCsv(samples: readonly Sample[]): string {
  const lines = samples.flatMap(({ cell, seed, outcome, metrics }): Field[][] => {
    const measured = Object.entries(metrics)
    if (measured.length === 0) return [[cell, seed, outcome, null, null]]
    return measured.map(([name, value]) => [cell, seed, outcome, name, value])
  })
  return csvOf([['cell', 'seed', 'outcome', 'metric', 'value'], ...lines])
}

/** The results as they are, for programs. A number that JSON does not have becomes null. */
export const resultsJson = (results: Results): string => `${JSON.stringify(results, null, 2)}\n`

const csvOf = (lines: readonly (readonly Field[])[]): string =>
  lines.map((fields) => `${fields.map(fieldText).join(',')}\r\n`).join('')

function fieldText(field: Field): string {
  if (field === null || field === undefined) return ''
  if (typeof field === 'number') return Number.isFinite(field) ? String(field) : ''
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
