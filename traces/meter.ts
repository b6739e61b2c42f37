/**
 * The port for what is counted and timed: sums over all runs of a process, where a span tells of one thing. Values have
 * attributes of low cardinality only, a role, a type, an outcome: who asks about one run reads its trace.
 *
 * Metrics are not sampled: a run without a trace counts like any other.
 */
import type { AttributeValue } from './span.ts'

type MetricOf<Kind extends string> = {
  readonly kind: Kind
  readonly name: string
  /** In UCUM, or of what it is a number, in braces. */
  readonly unit: string
  readonly description: string
}
export type Counter = MetricOf<'counter'>
export type Histogram = MetricOf<'histogram'> & { readonly buckets: readonly number[] }
export type Gauge = MetricOf<'gauge'>
export type Metric = Counter | Histogram | Gauge

export type MetricAttributes = Readonly<Record<string, AttributeValue>>

/** Nothing here waits or throws. */
export interface Meter {
  add(metric: Counter, by: number, attributes?: MetricAttributes): void
  record(metric: Histogram, value: number, attributes?: MetricAttributes): void
  /**
   * Asks for a value whenever values are collected, which is every minute or so, until the answer is called. One that
   * is undefined, late or an error is left out.
   */
  observe(
    metric: Gauge,
    read: () => number | Promise<number | undefined>,
    attributes?: MetricAttributes,
  ): () => void
}

/** Nobody counts. */
export const silentMeter: Meter = { add: () => {}, record: () => {}, observe: () => () => {} }
