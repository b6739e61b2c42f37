/** Whether spans are what a run's trace promises: one trace, one root, no parent and no link that leads nowhere. */

import type { Span } from '../span.ts'
import { nodesOf, traceTree } from './tree.ts'

/** Spans of a flaw that are named. */
const NAMED = 5

/** What is wrong, a sentence each; none where the trace is whole. */
export function flawsOf(spans: readonly Span[]): string[] {
  const { roots, orphans } = traceTree(spans)
  const tops = roots.filter(({ orphan }) => !orphan)
  const traces = [...new Set(spans.map(({ traceId }) => traceId))]
  const missing = [...new Set(orphans.map(({ span }) => span.parentSpanId!))]
  const known = new Set(spans.map(({ spanId }) => spanId))
  const adrift = [...nodesOf(roots)].filter(({ span }) =>
    (span.links ?? []).some(({ traceId, spanId }) => traces.includes(traceId) && !known.has(spanId)),
  )
  return [
    ...(traces.length === 1 ? [] : [`${traces.length} traces: ${some(traces)}`]),
    ...(tops.length === 1 ? [] : [`${tops.length} roots: ${some(tops.map(({ span }) => span.name))}`]),
    ...(missing.length === 0
      ? []
      : [
          `${orphans.length} orphans: ${some(orphans.map(({ span }) => span.name))}`,
          `${missing.length} missing parents: ${some(missing)}`,
        ]),
    ...(adrift.length === 0
      ? []
      : [
          `${adrift.length} spans with links that lead nowhere: ${some(adrift.map(({ span }) => span.name))}`,
        ]),
  ]
}

const some = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', …' : '')
