/** A nats-server that may be ended in any way and started again, with its port and its store. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Child, Children } from './children.ts'

export type NatsServerOptions = {
  readonly children: Children
  readonly binary: string
  readonly folder: string
  readonly name: string
  readonly port: number
  readonly token: string
  /** Settings of a cluster that it is part of. */
  readonly cluster?: object
}

export interface NatsServer {
  readonly name: string
  readonly url: string
  /** Resolves when it takes connections. */
  start(): Promise<void>
  /** Resolves when it has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** As the private server has it (`src/embedded/server.ts`). */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024

export function natsServer(options: NatsServerOptions): NatsServer {
  const { children, binary, folder, name, port, token, cluster } = options
  const file = join(folder, `${name}.conf`)
  let child: Child | undefined
  let lives = 0
  return {
    name,
    url: `nats://127.0.0.1:${port}`,
    async start() {
      // JSON is a subset of the server's own language.
      const settings = {
        server_name: name,
        host: '127.0.0.1',
        port,
        authorization: { token },
        max_payload: MAX_PAYLOAD_BYTES,
        jetstream: { store_dir: join(folder, name) },
        ...(cluster && { cluster }),
      }
      await writeFile(file, JSON.stringify(settings, null, 2), { mode: 0o600 })
      const command = { program: binary, args: ['-c', file], env: {}, cwd: folder }
      child = children.start({ ...command, name: `${name}.${++lives}` })
      await child.says('Server is ready')
    },
    async end(signal) {
      child?.signal(signal)
      await child?.ended
    },
  }
}

/** A port that nobody has at this moment: a cluster must know its ports before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
