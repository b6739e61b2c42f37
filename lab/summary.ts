/** From samples to results: estimates with their intervals, predictions beside them, and what is to be said of it all. */
import {
  type AnyCell,
  type AnyExperiment,
  isReal,
  isRealCell,
  type PlannedCell,
  type Read,
  SEEDS_WANTED,
} from './experiment.ts'
import { METRICS } from './metrics.ts'
import { predictionsOf } from './predictions.ts'
import { REAL_METRICS } from './real/metrics.ts'
import { realNotes } from './real/notes.ts'
import type { CellResult, Estimate, Metric, Results, Sample } from './results.ts'
import { saturationNotes } from './saturation-notes.ts'
import { estimateMean } from './statistics/bootstrap.ts'

/** @param samples all of the experiment, in an order that does not depend on when their runs ended */
export function resultsOf(
  { experiment }: Read,
  cells: readonly AnyCell[],
  samples: readonly Sample[],
): Results {
  const byCell = new Map<string, Sample[]>(cells.map(({ id }) => [id, []]))
  for (const sample of samples) byCell.get(sample.cell)?.push(sample)
  const { confidence } = experiment
  const results = cells.map((cell) => cellResult(cell, byCell.get(cell.id)!, confidence))
  const measured = new Set(samples.flatMap((sample) => Object.keys(sample.metrics)))
  return {
    format: 1,
    name: experiment.name,
    description: experiment.description,
    experiment,
    seeds: experiment.seeds,
    confidence,
    metrics: Object.fromEntries(
      Object.entries<Metric>(metricsOf(experiment)).filter(([name]) => measured.has(name)),
    ),
    cells: results,
    notes: [
      ...notesOf(experiment.seeds.length, results),
      ...(isReal(experiment) ? realNotes(experiment) : saturationNotes(simulated(cells), results)),
    ],
  }
}

const metricsOf = (experiment: AnyExperiment) => (isReal(experiment) ? REAL_METRICS : METRICS)

/** Of an experiment, all cells or none. */
const simulated = (cells: readonly AnyCell[]): readonly PlannedCell[] =>
  cells.flatMap((cell) => (isRealCell(cell) ? [] : [cell]))

function cellResult(cell: AnyCell, samples: readonly Sample[], confidence: number): CellResult {
  // Where things lie on this machine is nobody's business.
  const { experiment, folder: _, ...plain } = { folder: undefined, ...cell }
  const estimates: Record<string, Estimate> = {}
  for (const name of Object.keys(metricsOf(experiment))) {
    const values = samples.flatMap(({ metrics }) => metrics[name] ?? [])
    if (values.length > 0) estimates[name] = estimateMean(values, { confidence })
  }
  const outcomes: Record<string, number> = {}
  for (const { outcome } of samples) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  return {
    ...plain,
    estimates,
    predictions: isRealCell(cell) ? {} : predictionsOf(cell, estimates),
    outcomes,
  }
}

function notesOf(seeds: number, cells: readonly CellResult[]): readonly string[] {
  const broken = cells.flatMap(({ id, outcomes }) => {
    const others = Object.entries(outcomes).filter(([outcome]) => outcome !== 'completed')
    return others.map(([outcome, count]) => `${count} of ${seeds} runs of "${id}" ended as ${outcome}`)
  })
  return [
    ...(seeds < SEEDS_WANTED
      ? [
          `There ${seeds === 1 ? 'is 1 seed' : `are ${seeds} seeds`} where ${SEEDS_WANTED} are wanted: the intervals say less than they seem to.`,
        ]
      : []),
    ...(broken.length > 0
      ? [`Metrics that a run did not come to are estimated without it: ${broken.join('; ')}.`]
      : []),
  ]
}
