/**
 * The one place that decides where spans, metrics and logs go: to a collector where the environment names one, else
 * nowhere, since a run's trace is read off its journal. OpenTelemetry's SDK is loaded with the first span or value, or
 * a while after the first line of the log, so that no process waits for it at its start. What is told until it is there
 * is kept, and nothing of it is lost but lines past a bound.
 */
import type { LogSink } from '../../traces/log-record.ts'
import type { Meter } from '../../traces/meter.ts'
import { RESOURCE } from '../../traces/names.ts'
import { type OtlpSink, otlpSink } from '../../traces/provider.ts'
import type { SpanSink } from '../../traces/span.ts'
import { collectedLog } from '../collected-log.ts'
import type { Env } from '../embedded/command.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../time/clock.ts'

export type Telemetry = {
  readonly spans: SpanSink
  /** Undefined where nobody counts. */
  readonly meter: Meter | undefined
  /** The same log, heard by the collector as well. */
  heard(log: Log): Log
  /** Hands over what is left, within a second or so. Never rejects. */
  close(): Promise<void>
}

export type TelemetryOptions = {
  readonly env: Env
  readonly clock: Clock
  /** Of the process: who counts and logs. */
  readonly host: string
  readonly pid: number
  readonly warn: (text: string) => void
  /** Loads the SDK. */
  readonly load?: typeof otlpSink
}

type Signal = 'TRACES' | 'METRICS' | 'LOGS'

/** Where a collector listens for spans, as OpenTelemetry's own variables say. */
export const collectorUrl = (env: Env): string | undefined => endpointOf('TRACES', env)

function endpointOf(signal: Signal, env: Env): string | undefined {
  if (env.OTEL_SDK_DISABLED === 'true' || env[`OTEL_${signal}_EXPORTER`] === 'none') return undefined
  return env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined
}

const deaf: SpanSink = { emit: () => {}, isDeaf: true, close: async () => {} }

export function chooseTelemetry(options: TelemetryOptions): Telemetry {
  const { env, clock, host, pid, warn, load = otlpSink } = options
  const isWanted = (signal: Signal) => endpointOf(signal, env) !== undefined
  const also = { metrics: isWanted('METRICS'), logs: isWanted('LOGS') }
  const hasSpans = isWanted('TRACES')
  if (!hasSpans && !also.metrics && !also.logs)
    return { spans: deaf, meter: undefined, heard: (log) => log, close: async () => {} }
  const resource = {
    [RESOURCE.serviceInstanceId]: `${host}/${pid}`,
    [RESOURCE.hostId]: host,
    [RESOURCE.processPid]: pid,
  }
  const begin = () => load({ serviceName: 'skein', resource, warn, timers: clock, also })
  const late = lateSink(begin, clock, warn)
  return {
    spans: hasSpans ? late.spans : deaf,
    meter: also.metrics ? late.meter : undefined,
    heard: (log) => (also.logs ? collectedLog(log, late.logs, clock.now) : log),
    close: late.spans.close,
  }
}

/** From the first line of the log until the SDK is loaded for its sake, in milliseconds: a start is over by then. */
const LOG_DELAY_MS = 2_000
/** Lines that are kept until then. */
const LINES_LIMIT = 4_096

type LateSink = { readonly spans: SpanSink; readonly meter: Meter; readonly logs: LogSink }

function lateSink(load: () => Promise<OtlpSink>, clock: Clock, warn: (text: string) => void): LateSink {
  const waiting = new Set<(sink: OtlpSink) => void>()
  let loading: Promise<void> | undefined
  let patience: { cancel(): void } | undefined
  /** Null where it could not be loaded. */
  let sink: OtlpSink | null | undefined
  let isClosing = false

  async function begin(): Promise<void> {
    patience?.cancel()
    try {
      sink = await load()
      for (const tell of waiting) tell(sink)
    } catch (error) {
      sink = null
      warn(`no spans, metrics or logs leave this process: ${(error as Error).message}`)
    }
    waiting.clear()
  }

  const loadNow = () => {
    loading ??= begin()
  }

  /** Whether it has to wait for the SDK; else it is said by now. */
  function keeps(tell: (sink: OtlpSink) => void): boolean {
    if (sink) tell(sink)
    else if (sink === undefined) waiting.add(tell)
    return sink === undefined
  }

  function say(tell: (sink: OtlpSink) => void): void {
    if (keeps(tell) && !isClosing) loadNow()
  }

  /** Nobody hurries for its sake. */
  function sayLater(tell: (sink: OtlpSink) => void): void {
    if (keeps(tell) && !isClosing) patience ??= clock.setTimer(LOG_DELAY_MS, loadNow)
  }

  return {
    spans: {
      emit(spans) {
        if (spans.length > 0) say(({ emit }) => emit(spans))
      },
      async flush() {
        await loading
        await sink?.flush?.()
      },
      async close() {
        patience?.cancel()
        if (waiting.size > 0) loadNow()
        isClosing = true
        await loading
        await sink?.close()
      },
    },
    meter: {
      add: (...value) => say(({ meter }) => meter.add(...value)),
      record: (...value) => say(({ meter }) => meter.record(...value)),
      observe(...asked) {
        let stop = () => {}
        const ask = ({ meter }: OtlpSink) => {
          stop = meter.observe(...asked)
        }
        sayLater(ask)
        return () => {
          waiting.delete(ask)
          stop()
        }
      },
    },
    logs: {
      emit(record) {
        if (sink === undefined && waiting.size >= LINES_LIMIT) return
        sayLater(({ logs }) => logs.emit(record))
      },
    },
  }
}
