/** The servers under a flight: one, or three that replicate. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../src/time/random.ts'
import { freePort, type NatsServer, natsServer } from './nats-server.ts'
import type { Stage } from './stage.ts'

export type Servers = {
  readonly all: readonly NatsServer[]
  /** For clients: of all of them. */
  readonly url: string
  readonly token: string
}

/** Resolves when all take connections. A cluster may still have to agree on who leads. */
export async function startServers({ children, binary, folder }: Stage, count: number): Promise<Servers> {
  // Not from the seed: whoever knew it could join.
  const [token, password] = [systemRandom().hex(16), systemRandom().hex(16)]
  const home = join(folder, 'nats')
  await mkdir(home, { recursive: true })
  const names = Array.from({ length: count }, (_, index) => `nats-${index + 1}`)
  const ports = await Promise.all(names.map(freePort))
  const routePorts = await Promise.all(names.map(freePort))
  const clusterOf = (port: number) => ({
    name: 'chaos',
    host: '127.0.0.1',
    port,
    authorization: { user: 'route', password },
    routes: routePorts
      .filter((other) => other !== port)
      .map((other) => `nats-route://route:${password}@127.0.0.1:${other}`),
  })
  const all = names.map((name, index) =>
    natsServer({
      ...{ children, binary, folder: home, name, token, port: ports[index]! },
      ...(count > 1 && { cluster: clusterOf(routePorts[index]!) }),
    }),
  )
  await Promise.all(all.map((server) => server.start()))
  return { all, url: all.map(({ url }) => url).join(','), token }
}
