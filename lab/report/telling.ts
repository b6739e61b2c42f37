/** In which order a report tells of its metrics: what a choice hangs on comes first. */
import type { MetricName, Results } from '../results.ts'
import type { Layout } from './series.ts'
import { crossingsIn, isAnyApart, pointsOf } from './standings.ts'

/**
 * Metrics of which less or more is better and in which lines change places; then those in which they can be told apart;
 * then those that are neither good nor bad; then those that tell nothing apart. Among equals, those that follow another
 * one come last, so that what is seen at first is not one finding in several units; else in the experiment's order.
 */
export function tellingOrder({ metrics }: Results, layout: Layout): MetricName[] {
  const isLog = layout.x.kind === 'number' && layout.x.isLog
  const follower = (metric: MetricName) => (metrics[metric]!.follows === undefined ? 0 : 0.5)
  const rank = (metric: MetricName) => {
    const panels = layout.panels.map((panel) => pointsOf(panel, metric))
    if (!panels.some(isAnyApart)) return 3
    if (metrics[metric]!.better === null) return 2
    return panels.some((points) => crossingsIn(points, isLog).length > 0) ? 0 : 1
  }
  const ranks = new Map(Object.keys(metrics).map((metric) => [metric, rank(metric) + follower(metric)]))
  return Object.keys(metrics).sort((a, b) => ranks.get(a)! - ranks.get(b)!)
}
