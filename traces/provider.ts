/**
 * Spans, metrics and logs to a collector, through OpenTelemetry's NodeSDK, which reads the standard `OTEL_*` variables:
 * where to, by which protocol, with which headers, or not at all. The only file that imports the SDK, and only when it
 * is asked for: loading it takes longer than loading all of skein.
 *
 * The SDK repeats what we say and adds nothing: ids, times, parents and links are ours; no sampler, since the head
 * of the trace has decided; no instrumentation or propagator; no async hooks, which would make every `await` of the
 * process dearer. A collector that refuses or hangs costs one warning and no waiting: spans and log records queue up to a
 * bound and are dropped past it. Longer than most files: what shares the SDK, and so one start and one end, stands here;
 * what does not is in `provider-*.ts`.
 */
import type { Context, ContextManager, HrTime, SpanContext as SdkSpanContext } from '@opentelemetry/api'
import type { LogSink } from './log-record.ts'
import { type Meter, silentMeter } from './meter.ts'
import { RESOURCE, SCHEMA_URL, SCOPE_NAME } from './names.ts'
import { nanosOf } from './otlp.ts'
import { attributesOf } from './provider-attributes.ts'
import { checkEndpoints } from './provider-endpoints.ts'
import { logSinkOn, rememberLogs } from './provider-logs.ts'
import { meterOn } from './provider-metrics.ts'
import type { Span, SpanContext, SpanSink } from './span.ts'

export type Sdk = typeof import('@opentelemetry/sdk-node')
type SdkResource = ReturnType<Sdk['resources']['defaultResource']>

export type OtlpSinkOptions = {
  /** `service.name`, where `OTEL_SERVICE_NAME` says no other. */
  readonly serviceName: string
  /** Of this process, for its metrics and logs: each span says itself who made it. */
  readonly resource?: Readonly<Record<string, string | number>>
  /** Told once, in a sentence, that spans do not reach the collector. */
  readonly warn: (text: string) => void
  /** Bounds the closing. A `Clock` is one. */
  readonly timers: Timers
  /** What goes there besides spans; nothing unless given. Who has the metrics, the variables say. */
  readonly also?: { readonly metrics?: boolean; readonly logs?: boolean }
}

export type Timers = { setTimer(delayMs: number, fire: () => void): { cancel(): void } }

/** All that a process tells a collector. It is closed as a whole. */
export type OtlpSink = SpanSink & { readonly meter: Meter; readonly logs: LogSink }

/** Longest that closing waits for the collector, and that somebody waits who goes on. */
const CLOSE_TIMEOUT_MS = 1_000
const FLUSH_TIMEOUT_MS = 500

/** For what the environment leaves open. The SDK's own defaults suit a server that never ends. */
const DEFAULTS = {
  /** Milliseconds for an export with its retries; the SDK's 10 s would hold a process that wants to end. */
  OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
  /** Milliseconds until a batch leaves; with the SDK's 5 s a killed process loses more. */
  OTEL_BSP_SCHEDULE_DELAY: '1000',
  /** Spans that wait; the SDK's 2048 are fewer than a long run may hand over at once. */
  OTEL_BSP_MAX_QUEUE_SIZE: '8192',
  /** Milliseconds until log records leave, as spans. */
  OTEL_BLRP_SCHEDULE_DELAY: '1000',
}

/**
 * Exports spans over OTLP, and what else is asked for. One sink a process at a time, since the SDK registers itself with the process.
 *
 * Each span keeps the resource that it was made with, also when the spans of a dead process are handed in by another
 * one: a copy is the same span, whoever sends it.
 */
export async function otlpSink(options: OtlpSinkOptions): Promise<OtlpSink> {
  const { warn, timers } = options
  const sdk = await import('@opentelemetry/sdk-node')
  let repeater: Repeater | undefined
  let closing: Promise<void> | undefined
  let warned = false

  function lost(reason: unknown): void {
    if (warned) return
    warned = true
    warn(
      `traces, metrics or logs do not reach the OpenTelemetry collector (${textOf(reason)}); the run goes on ` +
        'without. Check OTEL_EXPORTER_OTLP_ENDPOINT, or set OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER or ' +
        'OTEL_LOGS_EXPORTER to "none", whichever it does not take',
    )
  }

  function start(): Repeater {
    try {
      return startRepeater(sdk, options, lost)
    } catch (error) {
      lost(error)
      return NO_REPEATER
    }
  }

  async function close({ shutdown }: Repeater): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = timers.setTimer(CLOSE_TIMEOUT_MS, () => {
        lost(`no answer within ${CLOSE_TIMEOUT_MS} ms`)
        resolve()
      })
      void shutdown()
        .catch(lost)
        .finally(() => {
          timer.cancel()
          resolve()
        })
    })
  }

  /** What one value or record does wrong is no harm to the next. */
  function tell(say: (repeater: Repeater) => void): void {
    if (closing !== undefined) return
    repeater ??= start()
    try {
      say(repeater)
    } catch (error) {
      lost(error)
    }
  }

  return {
    emit(spans) {
      for (const span of spans) tell(({ repeat }) => repeat(span))
    },
    meter: {
      add: (...values) => tell(({ meter }) => meter.add(...values)),
      record: (...values) => tell(({ meter }) => meter.record(...values)),
      observe(...values) {
        let stop = () => {}
        tell(({ meter }) => {
          stop = meter.observe(...values)
        })
        return stop
      },
    },
    logs: { emit: (record) => tell(({ logs }) => logs.emit(record)) },
    async flush() {
      if (repeater === undefined || closing !== undefined) return
      const { flush } = repeater
      await new Promise<void>((resolve) => {
        const timer = timers.setTimer(FLUSH_TIMEOUT_MS, resolve)
        void flush()
          .catch(lost)
          .finally(() => {
            timer.cancel()
            resolve()
          })
      })
    },
    close() {
      closing ??= repeater === undefined ? Promise.resolve() : close(repeater)
      return closing
    },
  }
}

/** A running SDK that says what it is told. */
type Repeater = {
  repeat(span: Span): void
  readonly meter: Meter
  readonly logs: LogSink
  /** Rejects when the spans that wait cannot be delivered. */
  flush(): Promise<void>
  /** Rejects when the last spans cannot be delivered. */
  shutdown(): Promise<void>
}

const silentLogs: LogSink = { emit: () => {} }
const NO_REPEATER: Repeater = {
  repeat() {},
  meter: silentMeter,
  logs: silentLogs,
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

function startRepeater(
  { api, core, resources, tracing, NodeSDK }: Sdk,
  { serviceName, resource, timers, also = {} }: OtlpSinkOptions,
  lost: (reason: unknown) => void,
): Repeater {
  checkEndpoints({ TRACES: true, METRICS: also.metrics ?? false, LOGS: also.logs ?? false })
  if (hasProvider(api)) throw new Error('this process has registered another OpenTelemetry provider')
  // The SDK asks for the ids of a new span while it starts it, and only then.
  let current: SpanContext
  const root = api.ROOT_CONTEXT.setValue(api.createContextKey('skein'), true)
  const node = new NodeSDK({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes({ ...resource, [RESOURCE.serviceName]: serviceName })),
    // Not the default ones: a process's arguments may hold a prompt.
    resourceDetectors: [resources.envDetector],
    idGenerator: { generateTraceId: () => current.traceId, generateSpanId: () => current.spanId },
    sampler: new tracing.AlwaysOnSampler(),
    contextManager: contextManagerOf(root),
    textMapPropagator: null,
    // Those of the variables, where they are not given.
    ...(!also.metrics && { metricReaders: [] }),
    ...(!also.logs && { logRecordProcessors: [] }),
  })
  core.setGlobalErrorHandler(lost)
  const forgetLogs = rememberLogs()
  withDefaults(DEFAULTS, () => node.start())
  const { _meterProvider: metrics, _loggerProvider: logs } = node as unknown as Providers
  const tracer = api.trace.getTracerProvider().getTracer(...SCOPE)

  const kinds = {
    internal: api.SpanKind.INTERNAL,
    client: api.SpanKind.CLIENT,
    server: api.SpanKind.SERVER,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
  }
  const codes = { ok: api.SpanStatusCode.OK, error: api.SpanStatusCode.ERROR }
  const sampled = (context: SpanContext): SdkSpanContext => ({
    traceId: context.traceId,
    spanId: context.spanId,
    traceFlags: api.TraceFlags.SAMPLED,
    isRemote: true,
  })

  const known = new Map<string, SdkResource>()
  /** What the environment says of the service counts more; who made the span, what the span says. */
  function resourceOf(made: Span['resource'], own: SdkResource): SdkResource {
    const { [RESOURCE.serviceName]: _, ...rest } = made
    const key = JSON.stringify(rest)
    const resource = known.get(key) ?? own.merge(resources.resourceFromAttributes(attributesOf(rest)))
    known.set(key, resource)
    return resource
  }

  return {
    repeat(span) {
      const { traceId, parentSpanId: spanId } = span
      const parent =
        spanId === undefined ? root : api.trace.setSpanContext(root, sampled({ traceId, spanId }))
      current = span
      const copy = tracer.startSpan(
        span.name,
        {
          kind: kinds[span.kind],
          startTime: hrTime(span.startMs),
          attributes: attributesOf(span.attributes),
          links: (span.links ?? []).map((link) => ({
            context: sampled(link),
            attributes: attributesOf(link.attributes ?? {}),
          })),
        },
        parent,
      )
      if (span.status !== undefined) {
        const { code, message } = span.status
        copy.setStatus({ code: codes[code], ...(message !== undefined && { message }) })
      }
      // The SDK has one resource for all spans. Those of one resource leave together if it is one object.
      const { resource } = copy as unknown as { resource?: SdkResource } // a span that nobody records has none
      if (resource !== undefined) Object.assign(copy, { resource: resourceOf(span.resource, resource) })
      copy.end(endTime(span))
    },
    meter: metrics === undefined ? silentMeter : meterOn(metrics.getMeter(...SCOPE), timers),
    logs:
      logs === undefined
        ? silentLogs
        : logSinkOn(logs.getLogger(...SCOPE), (span) =>
            span === undefined ? root : api.trace.setSpanContext(root, sampled(span)),
          ),
    async flush() {
      const provider = api.trace.getTracerProvider()
      const tracing = provider instanceof api.ProxyTracerProvider ? provider.getDelegate() : provider
      await (tracing as { forceFlush?(): Promise<void> }).forceFlush?.()
    },
    shutdown() {
      // Before the last spans are out, since that may take until another sink is there.
      api.trace.disable()
      if (metrics !== undefined && api.metrics.getMeterProvider() === metrics) api.metrics.disable()
      forgetLogs()
      if (api.context.active() === root) api.context.disable()
      return node.shutdown()
    },
  }
}

const SCOPE = [SCOPE_NAME, undefined, { schemaUrl: SCHEMA_URL }] as const

/** What the SDK keeps to itself. By the global ones a program that embeds skein would get our values. */
type Providers = {
  readonly _meterProvider?: ReturnType<Sdk['api']['metrics']['getMeterProvider']>
  readonly _loggerProvider?: InstanceType<Sdk['logs']['LoggerProvider']>
}

/** The SDK takes these from variables only. It reads them as it starts, so nobody else sees them set. */
function withDefaults(defaults: Record<string, string>, start: () => void): void {
  const missing = Object.entries(defaults).filter(([name]) => !process.env[name])
  for (const [name, value] of missing) process.env[name] = value
  try {
    start()
  } finally {
    for (const [name] of missing) delete process.env[name]
  }
}

/** Whether a program that embeds skein traces by itself; then its provider is not to be touched. */
function hasProvider({ ProxyTracerProvider, trace }: Sdk['api']): boolean {
  const provider = trace.getTracerProvider()
  const none = new ProxyTracerProvider().getDelegate()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== none
}

/** Knows only this context, and so needs no async hooks. */
function contextManagerOf(root: Context): ContextManager {
  const manager: ContextManager = {
    active: () => root,
    with: (_context, run, self, ...args) => run.apply(self as ThisParameterType<typeof run>, args),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}

/** Not milliseconds: the SDK takes small ones, as of virtual time, for time since the process began. */
function hrTime(ms: number, earliest = 0n): HrTime {
  const exact = nanosOf(ms)
  const nanos = exact < earliest ? earliest : exact
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

/** A nanosecond later than the start at the least: Jaeger takes a span without a length for one with a wrong clock. */
const endTime = ({ startMs, endMs }: Span): HrTime => hrTime(endMs, nanosOf(startMs) + 1n)

/** A refused connection to `localhost` has a code and no message. */
function textOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  return reason.message || ('code' in reason ? String(reason.code) : reason.name)
}
