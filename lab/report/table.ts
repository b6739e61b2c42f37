/** The numbers of a metric as a table: for who wants them exactly, or does not see the plot. */
import { escapeHtml } from '../../traces/page/escape.ts'
import type { Estimate, Metric, MetricName, Results } from '../results.ts'
import { differenceOf, isKnown, liesApart } from './difference.ts'
import { count, interval, percent, quantity, shortNumber, withUnit } from './quantity.ts'
import type { Layout, Panel, PlacedCell } from './series.ts'

export function metricTable(results: Results, layout: Layout, metric: MetricName): string {
  const { label, unit, better } = results.metrics[metric]!
  const { x, panels } = layout
  const isPredicted = results.cells.some(({ predictions }) => (predictions[metric] ?? []).length > 0)
  const heads = [
    panels.length > 1 && 'panel',
    x.kind === 'number' && withUnit(x.label, x.unit),
    ...['topology', `mean (${unit === '1' ? 'ratio' : unit})`, `${percent(results.confidence)} interval`],
    better !== null && 'less the best there (interval)',
    'runs',
    ...(isPredicted ? ['predicted', 'residual'] : []),
  ].filter((head) => head !== false)
  const rows = panels.flatMap((panel) => rowsOf(panel, layout, metric, results.metrics[metric]!, isPredicted))
  return tableHtml(`${label}, with what theory says of it`, heads, rows)
}

/** `th` are the cells that name their row. */
export type Row = { readonly th: readonly string[]; readonly td: readonly string[] }

function rowsOf(
  panel: Panel,
  layout: Layout,
  metric: MetricName,
  { better }: Metric,
  isPredicted: boolean,
): Row[] {
  const known = panel.cells.filter(
    ({ cell }) => isKnown(cell.estimates[metric]) || cell.predictions[metric]?.length,
  )
  const inOrder = [...known].sort((a, b) => a.x - b.x || a.series - b.series)
  return inOrder.map((placed) => {
    const estimate = placed.cell.estimates[metric]
    const peers = known.filter((other) => other.x === placed.x)
    return {
      th: [
        ...(layout.panels.length > 1 ? [panel.title] : []),
        ...(layout.x.kind === 'number' ? [shortNumber(placed.x)] : []),
        layout.series[placed.series]!.name,
      ],
      td: [
        ...estimateCells(estimate),
        ...(better === null ? [] : [againstBest(placed, peers, metric, better)]),
        count(estimate?.count ?? 0),
        ...(isPredicted ? predictionCells(placed, metric) : []),
      ],
    }
  })
}

function estimateCells(estimate: Estimate | undefined): [string, string] {
  if (!isKnown(estimate)) return ['–', '–']
  const { value, low, high } = interval({ ...estimate, value: estimate.mean })
  return [value, `${low} to ${high}`]
}

/** Nothing for the best; a difference that may be chance is marked. */
function againstBest(
  placed: PlacedCell,
  there: readonly PlacedCell[],
  metric: MetricName,
  better: 'less' | 'more',
): string {
  const compared = there.flatMap(({ cell, runs }) => {
    const estimate = cell.estimates[metric]
    return isKnown(estimate) ? [{ cell, estimate, runs: runs(metric) }] : []
  })
  const sign = better === 'less' ? 1 : -1
  const [best] = [...compared].sort((a, b) => sign * (a.estimate.mean - b.estimate.mean))
  const mine = compared.find(({ cell }) => cell === placed.cell)
  if (mine === undefined || best === undefined || best === mine) return ''
  const { value, low, high } = interval(differenceOf(mine, best))
  return `${value} (${low} to ${high})${liesApart(mine, best) ? '' : ', may be chance'}`
}

function predictionCells({ cell }: PlacedCell, metric: MetricName): [string, string] {
  const predictions = cell.predictions[metric] ?? []
  return [
    predictions.map(({ model, value }) => `${quantity(value)} (${model})`).join('; '),
    predictions.map(({ residual }) => (residual === null ? '–' : percent(residual))).join('; '),
  ]
}

/** A box that scrolls by itself, also from the keyboard, so that a wide table does not widen the page. */
export function tableHtml(caption: string, heads: readonly string[], rows: readonly Row[]): string {
  const cells = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag.split(' ', 1)}>`).join('')
  const names = rows[0]?.th.length ?? 0
  return `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${cells('th scope="col" class="name"', heads.slice(0, names))}${cells('th scope="col"', heads.slice(names))}</tr></thead>
<tbody>${rows.map(({ th, td }) => `<tr>${cells('th scope="row"', th)}${cells('td', td)}</tr>`).join('\n')}</tbody>
</table></div>`
}
