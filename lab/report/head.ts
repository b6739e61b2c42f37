/** The head of a report: what the experiment was, and how much of it there is. */
import { escapeHtml } from '../../traces/page/escape.ts'
import type { Results } from '../results.ts'
import { count, percent } from './quantity.ts'
import { runsOf } from './words.ts'

export function headOf(results: Results): string {
  const { name, description, cells, seeds, confidence } = results
  const each = (values: readonly (string | number)[]) => [...new Set(values)]
  const runs = cells.reduce((sum, { outcomes }) => sum + runsOf(outcomes), 0)
  const facts: readonly (readonly [string, string])[] = [
    ['topologies', each(cells.map(({ topology }) => topology)).join(', ')],
    ['placements', each(cells.map(({ placement }) => placement)).join(', ')],
    ['sizes', numbersText(each(cells.map(({ size }) => size)).map(Number))],
    ['faults', each(cells.map(({ faults }) => faults)).join(', ')],
    ['seeds', `${count(seeds.length)} (${numbersText(seeds)})`],
    ['cells', count(cells.length)],
    ['runs', count(runs)],
    ['confidence', percent(confidence)],
  ]
  return `<header>
<div class="told"><h1>${escapeHtml(name)}</h1><p>${escapeHtml(description)}</p></div>
<div class="themes" role="group" aria-label="Colours" hidden>${['auto', 'light', 'dark']
    .map(
      (theme) =>
        `<button type="button" data-theme="${theme}" aria-pressed="${theme === 'auto'}">${theme}</button>`,
    )
    .join('')}</div>
<dl>${facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
</header>`
}

/** Ascending; a long row without gaps by its ends. */
function numbersText(values: readonly number[]): string {
  const ascending = [...values].sort((a, b) => a - b)
  const isRow = ascending.length > 3 && ascending.every((value, index) => value === ascending[0]! + index)
  return isRow ? `${ascending[0]} to ${ascending.at(-1)}` : ascending.join(', ')
}
