/** A meter that remembers what it was told. */
import type { Gauge, Meter, MetricAttributes } from '../../traces/meter.ts'

type Point = { readonly value: number; readonly attributes: MetricAttributes }
type Asked = {
  readonly metric: Gauge
  readonly attributes: MetricAttributes
  readonly read: () => number | Promise<number | undefined>
}

export type Counted = ReturnType<typeof countingMeter>

export function countingMeter() {
  const points = new Map<string, Point[]>()
  const asked = new Set<Asked>()
  const take = (name: string, value: number, attributes: MetricAttributes = {}) =>
    void points.set(name, [...(points.get(name) ?? []), { value, attributes }])
  const pointsOf = (name: string, attributes: MetricAttributes = {}) =>
    (points.get(name) ?? []).filter((point) =>
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    )
  const meter: Meter = {
    add: ({ name }, by, attributes) => take(name, by, attributes),
    record: ({ name }, value, attributes) => take(name, value, attributes),
    observe(metric, read, attributes = {}) {
      const one = { metric, attributes, read }
      asked.add(one)
      return () => void asked.delete(one)
    },
  }
  return {
    meter,
    points: pointsOf,
    /** The values of a metric, of those with these attributes. */
    values: (name: string, attributes?: MetricAttributes) =>
      pointsOf(name, attributes).map(({ value }) => value),
    sum: (name: string, attributes?: MetricAttributes) =>
      pointsOf(name, attributes).reduce((sum, { value }) => sum + value, 0),
    /** Names and values of all attributes that any point had. */
    attributes: () =>
      new Set(
        [...points.values()]
          .flat()
          .flatMap((point) => Object.entries(point.attributes).map((p) => p.join('='))),
      ),
    /** What gauges read now, by their name and attributes. */
    read: () =>
      Promise.all(
        [...asked].map(async ({ metric, attributes, read }) => ({
          name: metric.name,
          attributes,
          value: await read(),
        })),
      ),
  }
}
