/** Metrics and log records out of OTLP JSON, as far as a test looks at them. */

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean }
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>
type OtlpAttributes = readonly { readonly key: string; readonly value: Value }[]

/** One point of a metric. */
export type CollectedMetric = {
  readonly name: string
  readonly unit: string
  readonly kind: 'sum' | 'gauge' | 'histogram'
  readonly attributes: Attributes
  /** Of a histogram, the sum of its values. */
  readonly value: number
  /** Of a histogram. */
  readonly count?: number
  readonly bounds?: readonly number[]
  readonly resource: Attributes
}

export type CollectedLog = {
  readonly text: string
  readonly severity: readonly [number: number, text: string]
  readonly atNanos: string
  readonly attributes: Attributes
  readonly traceId?: string
  readonly spanId?: string
  readonly resource: Attributes
}

type Resource = { readonly resource: { readonly attributes: OtlpAttributes } }
type Point = {
  attributes: OtlpAttributes
  asDouble?: number
  asInt?: number | string
  sum?: number
  count?: number | string
  explicitBounds?: number[]
}
type OtlpMetrics = {
  resourceMetrics: (Resource & {
    scopeMetrics: {
      metrics: ({ name: string; unit: string } & Partial<
        Record<CollectedMetric['kind'], { dataPoints: Point[] }>
      >)[]
    }[]
  })[]
}
type OtlpLogs = {
  resourceLogs: (Resource & {
    scopeLogs: {
      logRecords: {
        body: Value
        severityNumber: number
        severityText: string
        timeUnixNano: string
        attributes: OtlpAttributes
        traceId?: string
        spanId?: string
      }[]
    }[]
  })[]
}

const KINDS = ['sum', 'gauge', 'histogram'] as const

export const metricsOf = ({ resourceMetrics }: OtlpMetrics): CollectedMetric[] =>
  resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap((metric) =>
        KINDS.flatMap((kind) =>
          (metric[kind]?.dataPoints ?? []).map(
            ({ attributes, asDouble, asInt, sum, count, explicitBounds }) => ({
              ...{ name: metric.name, unit: metric.unit, kind, attributes: valuesOf(attributes) },
              value: Number(asDouble ?? asInt ?? sum),
              ...(count !== undefined && { count: Number(count) }),
              ...(explicitBounds && { bounds: explicitBounds }),
              resource: valuesOf(resource.attributes),
            }),
          ),
        ),
      ),
    ),
  )

export const logsOf = ({ resourceLogs }: OtlpLogs): CollectedLog[] =>
  resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(({ body, severityNumber, severityText, timeUnixNano, attributes, traceId, spanId }) => ({
        text: body.stringValue ?? '',
        severity: [severityNumber, severityText] as const,
        atNanos: timeUnixNano,
        attributes: valuesOf(attributes),
        ...(traceId && { traceId }),
        ...(spanId && { spanId }),
        resource: valuesOf(resource.attributes),
      })),
    ),
  )

const valuesOf = (attributes: OtlpAttributes): Attributes =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue)),
    ]),
  )
