/**
 * What came of an experiment, in sentences made of its numbers alone. "Best" and "change places" are said only of
 * what can be told apart; the rest is said to be undecided.
 */
import type { Metric, MetricName, Results } from '../results.ts'
import { fitsOf } from './fit.ts'
import { type Lone, lonesIn, type Stretch } from './lone.ts'
import { count, interval, joined, percent, quantity } from './quantity.ts'
import type { Layout, Panel, XAxis } from './series.ts'
import {
  type Crossing,
  crossingsIn,
  isAnyApart,
  type Lead,
  leadsIn,
  type Point,
  pointsOf,
} from './standings.ts'

export type Finding = {
  readonly metric: MetricName
  /** Which panel it is of; empty where there is one. */
  readonly panel: string
  readonly sentences: readonly string[]
}

/** Pairs of lines that cross, told of one panel; whoever crosses beyond these is counted. */
const MOST_CROSSINGS = 4

export function findingsOf(results: Results, layout: Layout, metric: MetricName): Finding[] {
  return layout.panels.flatMap((panel) => {
    const sentences = sentencesOf(results, layout, panel, metric)
    return sentences.length === 0 ? [] : [{ metric, panel: panel.title, sentences }]
  })
}

function sentencesOf(results: Results, layout: Layout, panel: Panel, metric: MetricName): string[] {
  const points = pointsOf(panel, metric)
  const told: Told = { metric: results.metrics[metric]!, layout, confidence: percent(results.confidence) }
  const { better } = told.metric
  const lones = better === null ? [] : lonesIn(points, better).map((lone) => loneSentence(lone, told))
  if (points.every(({ measured }) => measured.length < 2)) return lones
  if (!isAnyApart(points)) return [`No difference can be told: ${whyNone(points)}.`, ...lones]
  const leads = better === null ? [] : leadsIn(points, better)
  const isLog = layout.x.kind === 'number' && layout.x.isLog
  const crossings = layout.x.kind === 'number' ? crossingsIn(points, isLog) : []
  return [
    ...leads.map((lead) => leadSentence(lead, told)),
    ...lones,
    ...crossingSentences(crossings, leads, told),
  ]
}

const whyNone = (points: readonly Point[]): string =>
  points.every(({ measured }) => measured.every(({ estimate }) => estimate.count === 1))
    ? 'there is one run of each'
    : 'wherever lines are compared, what lies between them may be chance'

type Told = { readonly metric: Metric; readonly layout: Layout; readonly confidence: string }

function leadSentence({ from, to, leaders, among, ahead }: Lead, told: Told): string {
  const { metric, layout } = told
  const names = leaders.map((one) => layout.series[one]!.name)
  const where = placeOf(layout.x, from, to)
  if (ahead === undefined) {
    const which = where === '' ? 'Which' : 'which'
    const whom = names.length === among ? '' : ` of ${listOf(names)}`
    return sentence(where, `${which}${whom} is best cannot be told: what lies between them may be chance`)
  }
  const by = interval(ahead.by)
  const [sized, low, high] = ahead.by.value < 0 ? [by.value, by.high, by.low] : [by.value, by.low, by.high]
  const more = ahead.by.value < 0 ? 'less' : 'more'
  const share = Number.isFinite(ahead.share) ? ` or ${percent(Math.abs(ahead.share))}` : ''
  const least = joined(unsigned(sized), metric.unit)
  const range =
    low === high
      ? 'the same with every seed'
      : `${told.confidence} interval ${unsigned(low)} to ${unsigned(high)}`
  const value = quantity(ahead.leader.mean, metric.unit)
  const at = from === to ? '' : ` ${placeOf(layout.x, to, to)}`
  return sentence(
    where,
    `${names[0]} is best: ${value}${at}, ${least}${share} ${more} than ${layout.series[ahead.of]!.name}, the next (${range})`,
  )
}

function loneSentence({ series, x, estimate, against }: Lone, { metric, layout }: Told): string {
  const parts = against.map(({ series: other, better, worse }) => {
    const place = ({ from, to, share }: Stretch) => `${placeOf(layout.x, from, to)}${byShare(share)}`
    const sides = [
      better.length > 0 && `better ${listOf(better.map(place))}`,
      worse.length > 0 && `worse ${listOf(worse.map(place))}`,
    ].filter((side) => side !== false)
    const name = layout.series[other]!.name
    return sides.length === 0 ? `${name} cannot be told from it` : `${name} is ${sides.join(' and ')}`
  })
  const value = quantity(estimate.mean, metric.unit)
  return `Against ${layout.series[series]!.name} ${placeOf(layout.x, x, x)} (${value}): ${parts.join('; ')}.`
}

/** Nothing where the other is 0, of which there is no share. */
function byShare([least, most]: Stretch['share']): string {
  if (!Number.isFinite(most)) return ''
  const [low, high] = [percent(least), percent(most)]
  return low === high ? ` (by ${low})` : ` (by ${low} to ${high})`
}

function crossingSentences(crossings: readonly Crossing[], leads: readonly Lead[], told: Told): string[] {
  const leaders = new Set(leads.flatMap((lead) => lead.leaders))
  const weight = ({ before, after }: Crossing) => Number(leaders.has(before)) + Number(leaders.has(after))
  const inOrder = [...crossings].sort((a, b) => weight(b) - weight(a))
  const shown = inOrder.slice(0, MOST_CROSSINGS).map((crossing) => crossingSentence(crossing, told))
  const more = crossings.length - shown.length
  if (more === 0) return shown
  return [...shown, `${count(more)} more ${more === 1 ? 'pair' : 'pairs'} of lines cross: see the plot.`]
}

function crossingSentence({ before, after, from, to, near }: Crossing, { metric, layout }: Told): string {
  const [low, high] = [before, after].map((line) => layout.series[line]!.name)
  const isHigher = metric.better === 'more'
  const [first, then] = isHigher ? [high, low] : [low, high]
  const places = [placeName(layout.x, from), placeName(layout.x, to)]
  const order = `up to ${places[0]} ${first} has the ${isHigher ? 'higher' : 'lower'} ${metric.label}, from ${places[1]} on ${then}`
  return `${low} and ${high} change places: ${order}; the means cross near ${placeName(layout.x, near)}.`
}

const COMPLETED = 'completed'

/** How the runs ended. */
export function endingSentences({ cells }: Results, layout: Layout): string[] {
  const runs = cells.reduce((sum, cell) => sum + runsOf(cell.outcomes), 0)
  const completed = cells.reduce((sum, { outcomes }) => sum + (outcomes[COMPLETED] ?? 0), 0)
  if (runs === 0) return ['No run was recorded.']
  if (runs === completed) return [`All ${count(runs)} runs completed.`]
  const worst = layout.panels
    .flatMap(({ title, cells }) =>
      layout.series.map((series, index) => endingOf(series.name, title, index, cells)),
    )
    .filter(({ missed }) => missed > 0)
    .sort((a, b) => b.missed / b.all - a.missed / a.all)
  const each = worst
    .slice(0, MOST_CROSSINGS)
    .map(({ name, missed, all }) => `${count(missed)} of ${count(all)} of ${name}`)
  const left = worst.length > each.length ? ', and fewer of others' : ''
  return [`${count(runs - completed)} of ${count(runs)} runs did not complete: ${each.join('; ')}${left}.`]
}

function endingOf(name: string, title: string, series: number, cells: Panel['cells']) {
  const mine = cells.filter((placed) => placed.series === series)
  const all = mine.reduce((sum, { cell }) => sum + runsOf(cell.outcomes), 0)
  const missed = all - mine.reduce((sum, { cell }) => sum + (cell.outcomes[COMPLETED] ?? 0), 0)
  return { name: title === '' ? name : `${name} (${title})`, all, missed }
}

export const runsOf = (outcomes: Readonly<Record<string, number>>): number =>
  Object.values(outcomes).reduce((sum, one) => sum + one, 0)

/** How near theory came. */
export function fitSentences(results: Results, layout: Layout): string[] {
  return fitsOf(results).flatMap(({ metric, model, cells, inside, median, worst }) => {
    if (cells === 0) return []
    const told = `${model} predicts ${results.metrics[metric]!.label} inside the interval in ${count(inside)} of ${count(cells)} cells`
    if (median === null || worst === null) return [`${told}.`]
    const [where] = layout.panels.flatMap(({ title, cells: placed }) =>
      placed.filter(({ cell }) => cell === worst.cell).map((one) => ({ ...one, title })),
    )
    const place = [
      where && layout.series[where.series]!.name,
      where && layout.x.kind === 'number' && placeName(layout.x, where.x),
      where?.title,
    ].filter((part) => part)
    const sizes = `half of the residuals are within ${percent(median)}, the farthest is ${percent(worst.residual)}`
    return [`${told}; ${sizes} (${place.join(', ')}).`]
  })
}

/** `with 2 to 8 peers`, `at service time of the hub 0.2 to 0.4 s`; empty where x is no number. */
function placeOf(x: XAxis, from: number, to: number): string {
  if (x.kind === 'series') return ''
  const range = from === to ? quantity(from) : `${quantity(from)} to ${quantity(to)}`
  if (x.key === 'size') return `with ${range} ${to === 1 ? 'peer' : 'peers'}`
  return `at ${x.label} ${joined(range, x.unit)}`
}

function placeName(x: XAxis, at: number): string {
  if (x.kind === 'series') return quantity(at)
  if (x.key === 'size') return `${quantity(at)} ${at === 1 ? 'peer' : 'peers'}`
  return joined(quantity(at), x.unit)
}

const sentence = (where: string, rest: string): string =>
  where === '' ? `${rest}.` : `${where[0]!.toUpperCase()}${where.slice(1)}, ${rest}.`

const unsigned = (text: string): string => text.replace(/^−/, '')

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
