/** An OpenTelemetry collector on the loopback, as far as a test needs one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fromOtlp } from '../../traces/otlp.ts'
import type { Span } from '../../traces/span.ts'

export type Collector = {
  readonly url: string
  /** Method and path of each request. */
  readonly requests: readonly string[]
  /** What came as OTLP JSON. */
  readonly spans: readonly Span[]
  /** Resolves when the next request has come in. */
  asked(): Promise<unknown>
  close(): Promise<void>
}

/** `answers: false` takes requests and then says nothing. */
export async function startCollector({ answers }: { readonly answers: boolean }): Promise<Collector> {
  const requests: string[] = []
  const spans: Span[] = []
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const body = await text(request)
    if (request.headers['content-type'] === 'application/json') spans.push(...fromOtlp(JSON.parse(body)))
    if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    asked: () => once(server, 'request'),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
