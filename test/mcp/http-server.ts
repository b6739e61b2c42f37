/** The workshop over streamable HTTP on loopback. It can go away and come back. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { ledger, workshop } from './workshop.ts'

export async function httpWorkshop() {
  const book = ledger()
  const headers: IncomingHttpHeaders[] = []
  const { fetch } = createMcpHandler(() => workshop(book))

  const serve = async (port: number) => {
    const server = createServer(async (request, response) => {
      headers.push(request.headers)
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const answer = await fetch(
        new Request(`http://127.0.0.1${request.url}`, {
          method: request.method ?? 'GET',
          headers: Object.entries(request.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]),
          ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
          signal: gone.signal,
        }),
      )
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      if (answer.body === null) response.end()
      else Readable.fromWeb(answer.body as ReadableStream).pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return server
  }

  let server = await serve(0)
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    address: { url: `http://127.0.0.1:${port}/mcp` },
    headers,
    stop,
    async start() {
      server = await serve(port)
    },
  }
}
