/**
 * Who is ahead in a metric, point by point along x, and where two lines change places. Nothing is claimed of what cannot
 * be told apart.
 */
import type { Estimate, MetricName } from '../results.ts'
import { type Compared, type Difference, differenceOf, isKnown, liesApart } from './difference.ts'
import type { Panel } from './series.ts'

/** One point of x: who was measured there. */
export type Point = { readonly x: number; readonly measured: readonly Measured[] }
export type Measured = Compared & { readonly series: number }

/** The lines with a metric at each point of a panel, ascending in x. */
export function pointsOf(panel: Panel, metric: MetricName): Point[] {
  const points = new Map<number, Measured[]>()
  for (const { cell, series, x, runs } of panel.cells) {
    const estimate = cell.estimates[metric]
    if (isKnown(estimate) && Number.isFinite(x))
      points.set(x, [...(points.get(x) ?? []), { series, estimate, runs: runs(metric) }])
  }
  return [...points].map(([x, measured]) => ({ x, measured })).sort((a, b) => a.x - b.x)
}

export type Lead = {
  readonly from: number
  readonly to: number
  /**
   * One that can be told from all others; else whoever has the best mean at a point of the stretch, or cannot be told
   * from it there.
   */
  readonly leaders: readonly number[]
  /** How many were compared. */
  readonly among: number
  /** At `to`, where one leads: that one less the next. */
  readonly ahead?: {
    readonly of: number
    readonly by: Difference
    readonly leader: Estimate
    readonly share: number
  }
}

/** Stretches of x with the same leader, or with none. Points with one line alone compare nothing and are left out. */
export function leadsIn(points: readonly Point[], better: 'less' | 'more'): Lead[] {
  const leads: Lead[] = []
  for (const point of points) {
    if (point.measured.length < 2) continue
    const lead = leadAt(point, better)
    const before = leads.at(-1)
    if (before !== undefined && isSame(before, lead)) leads[leads.length - 1] = joined(before, lead)
    else leads.push(lead)
  }
  return leads
}

const joined = (before: Lead, lead: Lead): Lead => ({
  ...lead,
  from: before.from,
  leaders: [...new Set([...before.leaders, ...lead.leaders])],
  among: Math.max(before.among, lead.among),
})

function leadAt({ x, measured }: Point, better: 'less' | 'more'): Lead {
  const sign = better === 'less' ? 1 : -1
  const [best, ...others] = [...measured].sort((a, b) => sign * (a.estimate.mean - b.estimate.mean))
  const near = others.filter((other) => !liesApart(best!, other))
  const leaders = [best!, ...near].map(({ series }) => series)
  const [next] = others
  const lead = { from: x, to: x, leaders, among: measured.length }
  if (leaders.length > 1 || next === undefined) return lead
  const by = differenceOf(best!, next)
  const share = by.value / Math.abs(next.estimate.mean)
  return { ...lead, ahead: { of: next.series, by, leader: best!.estimate, share } }
}

/** Where nobody leads alone it is one stretch, whoever shares the lead there. */
const isSame = (one: Lead, other: Lead): boolean =>
  one.ahead === undefined || other.ahead === undefined
    ? one.ahead === other.ahead
    : one.leaders[0] === other.leaders[0]

export type Crossing = {
  /** The line that is lower before, and the one that is lower after. */
  readonly before: number
  readonly after: number
  /** The last point where the one lies apart, and the first where the other does. */
  readonly from: number
  readonly to: number
  /** Where the means cross, between points on a straight line. */
  readonly near: number
}

/** Each two lines that change places between two points at both of which they lie apart. */
export function crossingsIn(points: readonly Point[], isLog: boolean): Crossing[] {
  const lines = [...new Set(points.flatMap(({ measured }) => measured.map(({ series }) => series)))]
  lines.sort((a, b) => a - b)
  return lines.flatMap((one, index) =>
    lines.slice(index + 1).flatMap((other) => crossingsOf(one, other, points, isLog)),
  )
}

type Gap = { readonly x: number; readonly gap: number; readonly between: readonly [Measured, Measured] }

function crossingsOf(one: number, other: number, points: readonly Point[], isLog: boolean): Crossing[] {
  const gaps = points.flatMap((point): Gap[] => {
    const [a, b] = [one, other].map((line) => point.measured.find(({ series }) => series === line))
    if (a === undefined || b === undefined) return []
    return [{ x: point.x, gap: a.estimate.mean - b.estimate.mean, between: [a, b] }]
  })
  if (new Set(gaps.map(({ gap }) => Math.sign(gap))).size < 2) return []
  const clear = gaps.filter(({ between: [a, b] }) => liesApart(a, b))
  return clear.slice(1).flatMap((now, index) => {
    const last = clear[index]!
    if (Math.sign(now.gap) === Math.sign(last.gap)) return []
    const [before, after] = last.gap < 0 ? [one, other] : [other, one]
    const between = gaps.filter(({ x }) => x >= last.x && x <= now.x)
    return [{ before, after, from: last.x, to: now.x, near: zeroOf(between, isLog) }]
  })
}

/** Means that cross more than once among overlapping intervals cross first where this says. */
function zeroOf(gaps: readonly Gap[], isLog: boolean): number {
  const index = gaps.findIndex(({ gap }, at) => at > 0 && Math.sign(gap) !== Math.sign(gaps[at - 1]!.gap))
  const [left, right] = [gaps[index - 1]!, gaps[index]!]
  const share = left.gap === right.gap ? 0.5 : left.gap / (left.gap - right.gap)
  if (!isLog) return left.x + share * (right.x - left.x)
  return Math.exp(Math.log(left.x) + share * (Math.log(right.x) - Math.log(left.x)))
}

/** Whether any two lines at a point can be told apart. */
export const isAnyApart = (points: readonly Point[]): boolean =>
  points.some(({ measured }) =>
    measured.some((one, index) => measured.slice(index + 1).some((other) => liesApart(one, other))),
  )
