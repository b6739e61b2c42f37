/**
 * An experiment as one page that opens from a file: what came of it in words, a plot and a table for each metric, what
 * theory says beside them. It holds all that it shows and asks nothing of a network. All but the plots is readable
 * without its script.
 */
import { documentOf } from '../../traces/page/document.ts'
import { escapeHtml, jsonForScript } from '../../traces/page/escape.ts'
import type { Metric, MetricName, Results, Sample } from '../results.ts'
import type { Figure, ReportData } from './figures.ts'
import { fitsOf } from './fit.ts'
import { headOf } from './head.ts'
import { count, percent, unitName } from './quantity.ts'
import { figureId, RESIDUALS_ID, reportDataOf } from './report-data.ts'
import { type Layout, layoutOf } from './series.ts'
import { style } from './style.ts'
import { metricTable, tableHtml } from './table.ts'
import { tellingOrder } from './telling.ts'
import { endingSentences, findingsOf, fitSentences } from './words.ts'

/** Metrics whose findings are open when the page opens. */
const OPEN_FINDINGS = 4

/**
 * `script` is what the build made of `browser/`: `builtScript('#lab-script')`.
 * @param samples as of `layoutOf`
 * @example await writeFile('report.html', reportPage(results, builtScript('#lab-script'), samples))
 */
export function reportPage(results: Results, script: string, samples: readonly Sample[] = []): string {
  const layout = layoutOf(results, samples)
  const order = tellingOrder(results, layout)
  const data = reportDataOf(results, layout)
  const body = `${headOf(results)}
${contentsHtml(results, order, data)}
<main>
${cameOfIt(results, layout, order, samples.length > 0)}
${order.map((metric) => metricSection(results, layout, metric, data)).join('\n')}
${residualSection(results, data)}
${definitionSection(results.metrics, order)}
${endingSection(results, layout)}
${notesSection(results.notes)}
<section id="experiment"><h2>The experiment</h2>
<details><summary>As it was read, with all defaults</summary>
<pre tabindex="0">${escapeHtml(JSON.stringify(results.experiment, null, 2) ?? '')}</pre></details></section>
</main>`
  return documentOf({ title: results.name, style, body, data: jsonForScript(data), script })
}

const listHtml = (texts: readonly string[]): string =>
  `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`

const sectionId = (metric: MetricName, metrics: Results['metrics']): string =>
  `metric-${Object.keys(metrics).indexOf(metric)}`

function contentsHtml({ metrics, notes }: Results, order: readonly MetricName[], data: ReportData): string {
  const links = [
    ['findings', 'What came of it'],
    ...order.map((metric) => [sectionId(metric, metrics), metrics[metric]!.label]),
    ...(data.figures.some(({ isResidual }) => isResidual) ? [['residuals', 'Theory and measurement']] : []),
    ['definitions', 'What is measured'],
    ['endings', 'How the runs ended'],
    ...(notes.length > 0 ? [['notes', 'Notes']] : []),
    ['experiment', 'The experiment'],
  ] as const
  const items = links.map(([id, text]) => `<li><a href="#${id}">${escapeHtml(text!)}</a></li>`)
  return `<nav aria-label="Contents"><ul>${items.join('')}</ul></nav>`
}

/** How to read what is called better. */
const BY_PAIRS =
  'Every seed ran in each cell, with the same times to draw. What is compared is the difference of each pair of runs with one seed, by the bootstrap: better is where its interval leaves out 0. So lines whose bands overlap in a plot may differ all the same, since a band also holds the luck that both had.'
const APART =
  'Only what lies apart is called better: the intervals of the means do not overlap. Intervals of differences are those of independent means (Zou and Donner 2008).'

function cameOfIt(results: Results, layout: Layout, order: readonly MetricName[], isPaired: boolean): string {
  const told = order.flatMap((metric) => {
    const findings = findingsOf(results, layout, metric)
    if (findings.length === 0) return []
    const { label } = results.metrics[metric]!
    const lists = findings.map(({ panel, sentences }) => {
      const title = panel === '' ? '' : `<h4>${escapeHtml(panel)}</h4>`
      return `<div>${title}${listHtml(sentences)}</div>`
    })
    return [
      `<h3><a href="#${sectionId(metric, results.metrics)}">${escapeHtml(label)}</a></h3><div class="beside">${lists.join('')}</div>`,
    ]
  })
  const more = told.slice(OPEN_FINDINGS)
  const folded =
    more.length === 0
      ? ''
      : `<details><summary>Of ${count(more.length)} more metrics</summary>${more.join('')}</details>`
  const fits = fitSentences(results, layout)
  const theory =
    fits.length === 0 ? '' : `<h3><a href="#residuals">Theory and measurement</a></h3>${listHtml(fits)}`
  return `<section id="findings"><h2>What came of it</h2>
${listHtml(endingSentences(results, layout))}
${told.slice(0, OPEN_FINDINGS).join('')}${folded}${theory}
<p class="soft">${isPaired ? BY_PAIRS : APART} Intervals are of ${percent(results.confidence)}, each for itself: among many comparisons some are off.</p></section>`
}

function metricSection(results: Results, layout: Layout, metric: MetricName, data: ReportData): string {
  const { label, unit, better, definition } = results.metrics[metric]!
  const figure = data.figures.find(({ id }) => id === figureId(metric, results.metrics))!
  const wish = better === null ? '' : `, ${better} is better`
  return `<section id="${sectionId(metric, results.metrics)}"><h2>${escapeHtml(label)} <small>${escapeHtml(unitName(unit))}${wish}</small></h2>
<p class="soft">${escapeHtml(definition)}</p>
${figureHtml(figure)}
<details><summary>The numbers of ${escapeHtml(label)}</summary>${metricTable(results, layout, metric)}</details></section>`
}

/** The script draws in it. */
const figureHtml = ({ id }: Figure): string =>
  `<div class="figure" id="${id}"><noscript>The script of this page draws a plot here. The numbers are in the table.</noscript></div>`

function residualSection(results: Results, { figures }: ReportData): string {
  const figure = figures.find(({ id }) => id === RESIDUALS_ID)
  if (figure === undefined) return ''
  const rows = fitsOf(results).map(({ metric, model, cells, inside, median, worst }) => ({
    th: [results.metrics[metric]!.label, model],
    td: [
      ...[count(cells), count(inside), median === null ? '–' : percent(median)],
      worst === null ? '–' : percent(worst.residual),
    ],
  }))
  const heads = [
    ...['metric', 'model', 'cells', 'prediction inside the interval', 'median size of the residual'],
    'farthest residual',
  ]
  return `<section id="residuals"><h2>Theory and measurement</h2>
<p class="soft">A residual is the measured mean less the prediction, in percent of the prediction. Its band or bar is the interval of the mean: where that holds 0, measurement agrees with theory. Dots mark 10 %.</p>
${figureHtml(figure)}
${tableHtml('How near theory came', heads, rows)}</section>`
}

function definitionSection(metrics: Results['metrics'], order: readonly MetricName[]): string {
  const terms = order.map((metric) => {
    const { label, unit, definition }: Metric = metrics[metric]!
    return `<dt>${escapeHtml(label)} <code>${escapeHtml(metric)}</code> <small>${escapeHtml(unitName(unit))}</small></dt><dd>${escapeHtml(definition)}</dd>`
  })
  return `<section id="definitions"><h2>What is measured</h2><dl class="terms">${terms.join('\n')}</dl></section>`
}

function endingSection(results: Results, { series, panels }: Layout): string {
  const outcomes = [...new Set(results.cells.flatMap((cell) => Object.keys(cell.outcomes)))]
  const rows = panels.flatMap(({ title, cells }) =>
    series.flatMap(({ name }, index) => {
      const mine = cells.filter((placed) => placed.series === index)
      if (mine.length === 0) return []
      const sum = (outcome: string) => mine.reduce((all, { cell }) => all + (cell.outcomes[outcome] ?? 0), 0)
      return [
        {
          th: [...(panels.length > 1 ? [title] : []), name],
          td: outcomes.map((outcome) => count(sum(outcome))),
        },
      ]
    }),
  )
  const heads = [...(panels.length > 1 ? ['panel'] : []), 'topology', ...outcomes]
  return `<section id="endings"><h2>How the runs ended</h2>${tableHtml('Runs by how they ended', heads, rows)}</section>`
}

function notesSection(notes: readonly string[]): string {
  if (notes.length === 0) return ''
  return `<section id="notes"><h2>Notes</h2>${listHtml(notes)}</section>`
}
