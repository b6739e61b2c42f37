/**
 * The one place that decides where spans go: to a collector where the environment names one, else nowhere, since a
 * run's trace is read off its journal. OpenTelemetry's SDK is loaded with the first span, so that no process waits
 * for it at its start.
 */
import { otlpSink } from '../../traces/provider.ts'
import type { Span, SpanSink } from '../../traces/span.ts'
import type { Env } from '../embedded/command.ts'
import type { Clock } from '../time/clock.ts'

export function chooseSpans(options: {
  readonly env: Env
  readonly clock: Clock
  readonly warn: (text: string) => void
}): SpanSink {
  if (collectorUrl(options.env) === undefined) return { emit: () => {}, isDeaf: true, close: async () => {} }
  const { clock: timers, warn } = options
  return sinkFromFirstSpan(() => otlpSink({ serviceName: 'skein', warn, timers }), warn)
}

/** Where a collector listens, as OpenTelemetry's own variables say. */
export function collectorUrl(env: Env): string | undefined {
  if (env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined
}

/** Whether runs are traced: decided where a run begins, for all who take part. */
export const isSampled = (env: Env): boolean => env.OTEL_TRACES_SAMPLER !== 'always_off'

function sinkFromFirstSpan(load: () => Promise<SpanSink>, warn: (text: string) => void): SpanSink {
  const waiting: Span[] = []
  let loading: Promise<void> | undefined
  let sink: SpanSink | undefined

  async function begin(): Promise<void> {
    try {
      sink = await load()
      sink.emit(waiting.splice(0))
    } catch (error) {
      warn(`no spans leave this process: ${(error as Error).message}`)
    }
  }

  return {
    emit(spans) {
      if (spans.length === 0) return
      if (sink !== undefined) return sink.emit(spans)
      waiting.push(...spans)
      loading ??= begin()
    },
    async close() {
      await loading
      await sink?.close()
    },
  }
}
