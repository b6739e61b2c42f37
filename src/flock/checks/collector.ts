/** Whether a collector takes spans. */
import type { Env } from '../../embedded/command.ts'
import type { Clock } from '../../time/clock.ts'
import { collectorUrl } from '../choose-telemetry.ts'
import type { Check } from './finding.ts'

const about = 'collector'
/** Somebody looks at it. */
const WAIT_MS = 3_000

export const collectorCheck =
  (env: Env, clock: Clock): Check =>
  async () => {
    const url = collectorUrl(env)
    if (url === undefined) {
      return {
        about,
        state: 'absent',
        text: 'none is set; traces are kept in files, for "skein trace"',
        advice:
          'for Jaeger set SKEIN_JAEGER to the address of its page, http://127.0.0.1:16686; for another collector OTEL_EXPORTER_OTLP_ENDPOINT',
      }
    }
    const traces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || `${url.replace(/\/$/, '')}/v1/traces`
    const problem = await post(traces, clock)
    if (problem === undefined) return { about, state: 'works', text: traces }
    return {
      about,
      state: 'broken',
      text: `${traces}: ${problem}`,
      advice: 'start it, or set OTEL_EXPORTER_OTLP_ENDPOINT to its OTLP/HTTP port; runs go on without',
    }
  }

/** Sends no spans at all. Answers what went wrong, if anything. */
async function post(url: string, clock: Clock): Promise<string | undefined> {
  const late = new AbortController()
  const timer = clock.setTimer(WAIT_MS, () => late.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"resourceSpans":[]}',
      signal: late.signal,
    })
    await response.body?.cancel()
    return response.ok ? undefined : `it answers ${response.status} ${response.statusText}`
  } catch (error) {
    if (late.signal.aborted) return `no answer within ${WAIT_MS / 1_000} s`
    const { cause, message } = error as Error
    return cause instanceof Error ? cause.message || message : message
  } finally {
    timer.cancel()
  }
}
