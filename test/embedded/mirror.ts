/** A release host on loopback that serves what a test gives it, and misbehaves where it is told to. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** `cut` ends the connection in the middle of the body; `stalled` sends half of it, `silent` nothing at all. */
export type Served = Buffer | { readonly fault: 'cut' | 'stalled'; readonly body: Buffer } | 'silent'

export interface Mirror {
  readonly url: string
  /** The paths that were asked for. */
  readonly requests: readonly string[]
}

/** Serves files by path; anything else is a 404. Stopped when the test is over. */
export async function startMirror(files: Readonly<Record<string, Served>>): Promise<Mirror> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const served = files[path]
    if (served === undefined) response.writeHead(404).end()
    else if (Buffer.isBuffer(served)) response.end(served)
    else if (served !== 'silent') {
      const { fault, body } = served
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, body.length / 2), () => {
        if (fault === 'cut') response.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
