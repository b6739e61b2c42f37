/** Three nats-servers that are one: a store in a temporary directory, gone when the cluster is stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface NatsCluster {
  /** All servers, with commas between. */
  readonly url: string
  /** Ends one at once, by the name that it has in JetStream. */
  kill(name: string): Promise<void>
  stop(): Promise<void>
}

const SIZE = 3

/** Resolves when all processes run; they find each other, and a leader, in their own time. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const binary = process.env.SKEIN_NATS_SERVER
  if (!binary)
    throw new Error('SKEIN_NATS_SERVER is not set: let it name a nats-server binary, 2.9.4 or newer')
  const directory = await mkdtemp(join(tmpdir(), 'skein-nats-'))
  const ports = await freePorts(2 * SIZE)
  const [clientPorts, routePorts] = [ports.slice(0, SIZE), ports.slice(SIZE)]
  const servers = new Map<string, ChildProcess>()
  const leaveNoOrphan = () => {
    for (const server of servers.values()) server.kill('SIGKILL')
  }
  process.once('exit', leaveNoOrphan)

  for (const [index, port] of clientPorts.entries()) {
    const name = `server-${index}`
    const config = join(directory, `${name}.json`)
    await writeFile(
      config,
      JSON.stringify({
        server_name: name,
        host: '127.0.0.1',
        port,
        jetstream: { store_dir: join(directory, name) },
        cluster: {
          name: 'skein',
          host: '127.0.0.1',
          port: routePorts[index],
          routes: routePorts.map((other) => `nats-route://127.0.0.1:${other}`),
        },
      }),
    )
    servers.set(name, spawn(binary, ['--config', config], { stdio: 'ignore' }))
  }

  async function kill(name: string): Promise<void> {
    const server = servers.get(name)
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }

  return {
    url: clientPorts.map((port) => `nats://127.0.0.1:${port}`).join(','),
    kill,
    async stop() {
      process.off('exit', leaveNoOrphan)
      await Promise.all([...servers.keys()].map(kill))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Free when asked for: a server has to know the ports of the others before they run. */
async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(listeners.map((listener) => once(listener, 'listening')))
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port)
  await Promise.all(listeners.map((listener) => once(listener.close(), 'close')))
  return ports
}
