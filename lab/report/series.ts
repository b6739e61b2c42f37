/**
 * How the cells of an experiment lie in a plot: what runs along its x, what is a line of its own, and what has a panel
 * of its own. All plots, tables and words of a report take it from here, so that they speak of the same things.
 *
 * - A line is a topology; a topology with its placement where one was run with several.
 * - x is what has the most values of all that are numbers: the size, or a parameter. One value alone is no axis:
 *   then the lines stand side by side.
 * - Whatever else was varied has a panel for each combination.
 */
import type { Cell, CellResult, MetricName, Results, Sample } from '../results.ts'
import { pairedRuns, type Runs } from './difference.ts'

export type Series = {
  readonly name: string
  readonly topology: string
  readonly placement: string
}

export type XAxis =
  | { readonly kind: 'series' }
  | {
      readonly kind: 'number'
      /** `size`, or the path of a parameter. */
      readonly key: string
      readonly label: string
      /** Empty where nobody said. */
      readonly unit: string
      /** Where the values are positive and span more than a decade. */
      readonly isLog: boolean
      /** Ascending. */
      readonly values: readonly number[]
    }

export type PlacedCell = {
  readonly cell: CellResult
  /** Into `Layout.series`. */
  readonly series: number
  /** 0 where x is no number, and NaN where the cell has none. */
  readonly x: number
  /** The runs that an estimate is of, where they are known. */
  readonly runs: (metric: MetricName) => Runs | undefined
}

export type Panel = {
  /** What the panel has for itself: `faults: hub · job.tasks: 40`. Empty where there is one. */
  readonly title: string
  readonly cells: readonly PlacedCell[]
}

export type Layout = {
  readonly series: readonly Series[]
  readonly x: XAxis
  readonly panels: readonly Panel[]
}

type Dimension = {
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly values: readonly (number | string)[]
  valueIn(cell: Cell): number | string | undefined
}

const DECADE = 10

/** @param samples none, unless runs with the same seed have the same luck: then their differences are taken pair by pair */
export function layoutOf(results: Results, samples: readonly Sample[] = []): Layout {
  const byCell = new Map<string, Sample[]>(results.cells.map(({ id }) => [id, []]))
  for (const sample of samples) byCell.get(sample.cell)?.push(sample)
  const series = seriesOf(results.cells)
  const dimensions = dimensionsOf(results).filter(({ values }) => values.length > 1)
  const along = axisAmong(dimensions)
  const beside = dimensions.filter((dimension) => dimension !== along)
  const panels = new Map<string, PlacedCell[]>()
  for (const cell of results.cells) {
    const title = beside.flatMap((dimension) => placeIn(dimension, cell)).join(' · ')
    const runs = runsIn(byCell.get(cell.id)!, results.confidence)
    const placed = { cell, series: indexIn(series, cell), x: xOf(along, cell), runs }
    panels.set(title, [...(panels.get(title) ?? []), placed])
  }
  return {
    ...{ series, x: along === undefined ? { kind: 'series' } : numberAxis(along) },
    panels: [...panels].map(([title, cells]) => ({ title, cells })),
  }
}

function runsIn(samples: readonly Sample[], confidence: number): PlacedCell['runs'] {
  const known = new Map<MetricName, Runs | undefined>()
  return (metric) => {
    if (known.has(metric)) return known.get(metric)
    const values = samples.flatMap(({ seed, metrics }) => {
      const value = metrics[metric]
      return value === undefined ? [] : [[seed, value] as const]
    })
    const runs = values.length === 0 ? undefined : pairedRuns(new Map(values), confidence)
    known.set(metric, runs)
    return runs
  }
}

function seriesOf(cells: readonly Cell[]): Series[] {
  const pairs = new Map(
    cells.map(({ topology, placement }) => [JSON.stringify([topology, placement]), { topology, placement }]),
  )
  const placements = (wanted: string) => [...pairs.values()].filter(({ topology }) => topology === wanted)
  return [...pairs.values()].map(({ topology, placement }) => ({
    ...{ topology, placement },
    name: placements(topology).length === 1 ? topology : `${topology}, ${placement}`,
  }))
}

const indexIn = (series: readonly Series[], cell: Cell): number =>
  series.findIndex(({ topology, placement }) => topology === cell.topology && placement === cell.placement)

function dimensionsOf({ cells, parameters }: Results): Dimension[] {
  const dimension = (
    key: string,
    valueIn: Dimension['valueIn'],
    { label, unit }: { label: string; unit: string },
  ): Dimension => ({
    ...{ key, label, unit, valueIn },
    values: sorted(cells.flatMap((cell) => valueIn(cell) ?? [])),
  })
  const paths = [...new Set(cells.flatMap(({ varied }) => Object.keys(varied)))]
  return [
    dimension('size', ({ size }) => size, { label: 'size', unit: 'peers that work' }),
    ...paths.map((path) =>
      dimension(path, ({ varied }) => varied[path], parameters?.[path] ?? { label: path, unit: '' }),
    ),
    dimension('faults', ({ faults }) => faults, { label: 'faults', unit: '' }),
  ]
}

/** Numbers by their size; names in the order in which the cells have them. */
function sorted(values: readonly (number | string)[]): (number | string)[] {
  const each = [...new Set(values)]
  return each.every((value) => typeof value === 'number') ? each.sort((a, b) => a - b) : each
}

function axisAmong(dimensions: readonly Dimension[]): Dimension | undefined {
  const numbers = dimensions.filter(({ values }) => values.every((value) => typeof value === 'number'))
  const most = Math.max(...numbers.map(({ values }) => values.length))
  return numbers.find(({ values }) => values.length === most)
}

function numberAxis({ key, label, unit, values }: Dimension): XAxis {
  const ascending = values.map(Number)
  const [least = 0, greatest = 0] = [ascending[0], ascending.at(-1)]
  return {
    ...{ kind: 'number', key, label, unit, values: ascending },
    isLog: least > 0 && greatest / least > DECADE,
  }
}

const xOf = (along: Dimension | undefined, cell: Cell): number =>
  along === undefined ? 0 : Number(along.valueIn(cell) ?? Number.NaN)

function placeIn({ label, unit, valueIn }: Dimension, cell: Cell): string[] {
  const value = valueIn(cell)
  if (value === undefined) return []
  return [`${label}: ${value}${unit === '' || unit === '1' ? '' : ` ${unit}`}`]
}
