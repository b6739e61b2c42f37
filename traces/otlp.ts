/**
 * Spans as OTLP JSON and back: the format of collectors, of Jaeger's API and of trace files. JSON's own traps are
 * dealt with here: times are nanoseconds and 64 bits long, so they travel as strings of digits; ids are hex; enums
 * are numbers. Others write some of it as protobuf's JSON allows: times as numbers, names for enums, null for absent.
 */
import { z } from 'zod'
import { InvalidError } from '../protocols/errors.ts'
import { SCHEMA_URL, SCOPE_NAME } from './names.ts'
import type { AttributeValue, Span, SpanContext, SpanKind, SpanLink } from './span.ts'

type Attributes = Readonly<Record<string, AttributeValue>>

/** Position is the number on the wire; 0 is `SPAN_KIND_UNSPECIFIED`, to be read as internal. */
const KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']
/** Likewise; 0 is unset. */
const STATUS_CODES = [undefined, 'ok', 'error'] as const
/** By their numbers too. */
const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
)
const STATUS_CODE_NAMES = ['UNSET', 'OK', 'ERROR'].map((code) => `STATUS_CODE_${code}`)

const NANOS_PER_MS = 1_000_000n

/** Milliseconds to whole nanoseconds, without the loss that a product of two floats would have. */
export function nanosOf(ms: number): bigint {
  const whole = Math.floor(ms)
  return BigInt(whole) * NANOS_PER_MS + BigInt(Math.round((ms - whole) * 1e6))
}

/** Nanoseconds to milliseconds. Today's times keep about a quarter of a microsecond. */
export function msOf(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS) + Number(nanos % NANOS_PER_MS) / 1e6
}

// What is written: no more than a span holds.

type OtlpValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } }
type OtlpAttribute = { readonly key: string; readonly value: OtlpValue }
type OtlpLink = SpanContext & { readonly attributes: readonly OtlpAttribute[] }
type OtlpSpan = SpanContext & {
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly links: readonly OtlpLink[]
  readonly status: { readonly code: number; readonly message?: string }
}
type OtlpResourceSpans = {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] }
  readonly scopeSpans: readonly {
    readonly scope: { readonly name: string }
    readonly spans: readonly OtlpSpan[]
    readonly schemaUrl: string
  }[]
}

/** OTLP's `TracesData`, which is an export request as well. */
export type OtlpTraces = { readonly resourceSpans: readonly OtlpResourceSpans[] }

/** The spans as OTLP, those of one resource together, in the order they came. */
export function toOtlp(spans: readonly Span[]): OtlpTraces {
  const groups = new Map<string, { resource: Attributes; spans: Span[] }>()
  for (const span of spans) {
    const key = JSON.stringify(Object.entries(span.resource).sort(([a], [b]) => (a < b ? -1 : 1)))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { resource: span.resource, spans: [span] })
    else group.spans.push(span)
  }
  return {
    resourceSpans: [...groups.values()].map(({ resource, spans }) => ({
      resource: { attributes: otlpAttributes(resource) },
      scopeSpans: [{ scope: { name: SCOPE_NAME }, spans: spans.map(otlpSpan), schemaUrl: SCHEMA_URL }],
    })),
  }
}

function otlpSpan(span: Span): OtlpSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS.lastIndexOf(span.kind),
    startTimeUnixNano: nanosOf(span.startMs).toString(),
    endTimeUnixNano: nanosOf(span.endMs).toString(),
    attributes: otlpAttributes(span.attributes),
    links: (span.links ?? []).map(({ traceId, spanId, attributes = {} }) => ({
      traceId,
      spanId,
      attributes: otlpAttributes(attributes),
    })),
    status: {
      code: STATUS_CODES.indexOf(span.status?.code),
      ...(span.status?.message !== undefined && { message: span.status.message }),
    },
  }
}

const otlpAttributes = (attributes: Attributes): OtlpAttribute[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }))

function otlpValue(value: AttributeValue): OtlpValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'object') return { arrayValue: { values: value.map(otlpValue) } }
  if (Number.isSafeInteger(value)) return { intValue: value.toString() }
  // JSON has no word for these three; OTLP writes them as text.
  return { doubleValue: Number.isFinite(value) ? value : value.toString() }
}

// What is read. Unknown fields are dropped, and so is the difference between 0, '', null and absent: protobuf has none.

type AnyValue = {
  stringValue?: string | null | undefined
  boolValue?: boolean | null | undefined
  intValue?: string | number | null | undefined
  doubleValue?: string | number | null | undefined
  bytesValue?: string | null | undefined
  arrayValue?: { values?: AnyValue[] | null | undefined } | null | undefined
  kvlistValue?: { values?: KeyValue[] | null | undefined } | null | undefined
}
type KeyValue = { key: string; value?: AnyValue | null | undefined }

const anyValueSchema: z.ZodType<AnyValue> = z.lazy(() =>
  z.object({
    stringValue: z.string().nullish(),
    boolValue: z.boolean().nullish(),
    intValue: z.union([z.string().regex(/^-?\d+$/), z.number()]).nullish(),
    doubleValue: z.union([z.enum(['NaN', 'Infinity', '-Infinity']), z.number()]).nullish(),
    bytesValue: z.string().nullish(),
    arrayValue: z.object({ values: z.array(anyValueSchema).nullish() }).nullish(),
    kvlistValue: z.object({ values: z.array(keyValueSchema).nullish() }).nullish(),
  }),
)
const keyValueSchema: z.ZodType<KeyValue> = z.object({ key: z.string(), value: anyValueSchema.nullish() })

const hexId = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `must be ${digits} hex digits`)
    .toLowerCase()
const traceIdSchema = hexId(32)
const spanIdSchema = hexId(16)
const nanosSchema = z.union([z.string().regex(/^\d+$/), z.number().nonnegative()])
const enumSchema = (prefix: string) => z.union([z.int(), z.string().startsWith(prefix)]).nullish()
const keyValuesSchema = z.array(keyValueSchema).nullish()
/** Most of a trace is attributes, and nearly all of them are plain: zod is asked about the others. */
const attributesSchema = z
  .unknown()
  .optional()
  .transform((list, context): Attributes => {
    const quick = quickAttributes(list)
    if (quick !== undefined) return quick
    const parsed = keyValuesSchema.safeParse(list)
    if (parsed.success) return plainAttributes(parsed.data ?? [])
    for (const { path, message } of parsed.error.issues)
      context.issues.push({ code: 'custom', path, message, input: list })
    return z.NEVER
  })

const spanSchema = z.object({
  traceId: traceIdSchema,
  spanId: spanIdSchema,
  parentSpanId: z.union([z.literal(''), spanIdSchema]).nullish(),
  name: z.string().nullish(),
  kind: enumSchema('SPAN_KIND_'),
  startTimeUnixNano: nanosSchema,
  endTimeUnixNano: nanosSchema,
  attributes: attributesSchema,
  links: z
    .array(z.object({ traceId: traceIdSchema, spanId: spanIdSchema, attributes: attributesSchema }))
    .nullish(),
  status: z.object({ code: enumSchema('STATUS_CODE_'), message: z.string().nullish() }).nullish(),
})

const scopeSpansSchema = z.object({ spans: z.array(spanSchema).nullish() })
const resourceSpansSchema = z.object({
  resource: z.object({ attributes: attributesSchema }).nullish(),
  scopeSpans: z.array(scopeSpansSchema).nullish(),
})
const tracesDataSchema = z.object({ resourceSpans: z.array(resourceSpansSchema).nullish() })

/**
 * Reads the spans of a `TracesData`, or of an export request, which looks the same. Values that a span cannot hold
 * become text: key-value lists as JSON, bytes as base64, integers that a float would round as digits.
 * @throws InvalidError `invalid.otlp`
 */
export function fromOtlp(json: unknown): Span[] {
  const parsed = tracesDataSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue!.path.join('.') || 'the whole'
    throw new InvalidError(
      'otlp',
      `not OTLP JSON: ${place}: ${issue!.message}. Expected {"resourceSpans": […]}`,
      { cause: parsed.error },
    )
  }
  return (parsed.data.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ spans }) =>
      (spans ?? []).map((span) => plainSpan(span, resource?.attributes ?? {})),
    ),
  )
}

function plainSpan(read: z.output<typeof spanSchema>, resource: Attributes): Span {
  const code = STATUS_CODES[numberOf(read.status?.code, STATUS_CODE_NAMES)]
  const message = read.status?.message
  return {
    traceId: read.traceId,
    spanId: read.spanId,
    ...(read.parentSpanId && { parentSpanId: read.parentSpanId }),
    name: read.name ?? '',
    kind: KINDS[numberOf(read.kind, KIND_NAMES)] ?? 'internal',
    startMs: msOf(nanosIn(read.startTimeUnixNano)),
    endMs: msOf(nanosIn(read.endTimeUnixNano)),
    attributes: read.attributes,
    ...(read.links && read.links.length > 0 && { links: read.links.map(plainLink) }),
    ...(code && { status: { code, ...(message && { message }) } }),
    resource,
  }
}

/** A time as a number has lost its last digits on the way, and may have a fraction. */
const nanosIn = (time: string | number): bigint => BigInt(typeof time === 'number' ? Math.round(time) : time)

/** On the wire. A name of the future has none. */
const numberOf = (read: string | number | null | undefined, names: readonly string[]): number =>
  typeof read === 'string' ? names.indexOf(read) : (read ?? 0)

function plainLink({ attributes, ...context }: Required<SpanLink>): SpanLink {
  return Object.keys(attributes).length > 0 ? { ...context, attributes } : context
}

/** Of a list in which every value is one string, boolean or number without surprises; undefined of any other. */
function quickAttributes(list: unknown): Attributes | undefined {
  if (!Array.isArray(list)) return undefined
  const attributes: Record<string, AttributeValue> = {}
  for (const entry of list) {
    if (typeof entry !== 'object' || entry === null) return undefined
    const { key, value } = entry as { key?: unknown; value?: unknown }
    // A record has no property of that name to set.
    if (typeof key !== 'string' || key === '__proto__') return undefined
    if (typeof value !== 'object' || value === null) return undefined
    const [kind, ...others] = Object.keys(value)
    if (others.length > 0) return undefined
    const one = (value as Record<string, unknown>)[kind!]
    if (kind === 'stringValue' && typeof one === 'string') attributes[key] = one
    else if (kind === 'doubleValue' && typeof one === 'number') attributes[key] = one
    else if (kind === 'boolValue' && typeof one === 'boolean') attributes[key] = one
    else if (kind === 'intValue' && typeof one === 'string' && SMALL_INTEGER.test(one))
      attributes[key] = Number(one)
    else return undefined
  }
  return attributes
}

/** Safe for a float, and as it would be written. */
const SMALL_INTEGER = /^-?\d{1,15}$/

function plainAttributes(list: KeyValue[]): Attributes {
  return Object.fromEntries(
    list.flatMap(({ key, value }): [string, AttributeValue][] => {
      const plain = plainValue(value)
      if (plain === undefined) return []
      if (Array.isArray(plain)) return [[key, plain.map(textOf)]]
      return [[key, typeof plain === 'object' ? textOf(plain) : plain]]
    }),
  )
}

type Plain = string | number | boolean | undefined | Plain[] | { [key: string]: Plain }

function plainValue(value: AnyValue | null | undefined): Plain {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value ?? {}
  if (intValue != null) return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : `${intValue}`
  if (doubleValue != null) return Number(doubleValue)
  if (arrayValue != null) return (arrayValue.values ?? []).map(plainValue)
  if (kvlistValue != null) {
    return Object.fromEntries((kvlistValue.values ?? []).map(({ key, value }) => [key, plainValue(value)]))
  }
  return stringValue ?? boolValue ?? bytesValue ?? undefined
}

const textOf = (value: Plain): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
