/** As much of Jaeger's query API as its readers use, with its words for what it does not find. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toOtlp } from '../../traces/otlp.ts'
import type { Span } from '../../traces/span.ts'

export type JaegerStub = { readonly url: string; close(): Promise<void> }

/** @param answer to any request, instead of the trace that was asked for; null for none at all */
export async function startJaegerStub(
  spans: readonly Span[],
  answer?: { readonly status: number; readonly text: string } | null,
): Promise<JaegerStub> {
  const server = createServer((request, response) => {
    const traceId = /^\/api\/v3\/traces\/([0-9a-f]{32})$/.exec(request.url ?? '')?.[1]
    const found = spans.filter((span) => span.traceId === traceId)
    const said = answer === undefined ? sayTrace(found) : answer
    if (said !== null) response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const sayTrace = (found: readonly Span[]) =>
  found.length === 0
    ? { status: 404, text: '{"error":{"httpCode":404,"message":"No traces found"}}\n' }
    : { status: 200, text: JSON.stringify({ result: toOtlp(found) }) }
