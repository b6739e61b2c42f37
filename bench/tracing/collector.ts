/** Collectors on the loopback: one that takes all, one that never answers, and one that is not there. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Collector = {
  readonly url: string
  /** How many bytes came. */
  readonly bytes: () => number
  close(): Promise<void>
}

export async function openCollector({ answers }: { readonly answers: boolean }): Promise<Collector> {
  let bytes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => {
      if (answers) response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Where nobody listens. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await openCollector({ answers: true })
  await close()
  return url
}
