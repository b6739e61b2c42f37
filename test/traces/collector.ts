/** An OpenTelemetry collector on the loopback, as far as a test needs one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fromOtlp } from '../../traces/otlp.ts'
import type { Span } from '../../traces/span.ts'
import { type CollectedLog, type CollectedMetric, logsOf, metricsOf } from './otlp-signals.ts'

/** Where no collector is: no system gives this port away, unlike one that was just closed. */
export const NOBODY = 'http://127.0.0.1:1'

export type Collector = {
  readonly url: string
  /** Method and path of each request. */
  readonly requests: readonly string[]
  /** What came as OTLP JSON. */
  readonly spans: readonly Span[]
  /** Likewise: each point of each metric, of each collection. */
  readonly metrics: readonly CollectedMetric[]
  readonly logs: readonly CollectedLog[]
  /** Resolves when the next request has come in. */
  asked(): Promise<unknown>
  close(): Promise<void>
}

/** `answers: false` takes requests and then says nothing. */
export async function startCollector({ answers }: { readonly answers: boolean }): Promise<Collector> {
  const requests: string[] = []
  const spans: Span[] = []
  const metrics: CollectedMetric[] = []
  const logs: CollectedLog[] = []
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const body = await text(request)
    const json = request.headers['content-type'] === 'application/json' ? JSON.parse(body) : {}
    if (json.resourceSpans) spans.push(...fromOtlp(json))
    if (json.resourceMetrics) metrics.push(...metricsOf(json))
    if (json.resourceLogs) logs.push(...logsOf(json))
    if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    metrics,
    logs,
    asked: () => once(server, 'request'),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
