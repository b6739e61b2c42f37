/** A nats-server of one's own for a test: a free port, a store in a temporary directory, gone when it is stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type NatsServerOptions = {
  /** On, unless it says otherwise. */
  readonly jetStream?: boolean
  readonly maxPayloadBytes?: number
  /** Clients must show it. */
  readonly token?: string
}

export interface NatsServer {
  readonly url: string
  /** Ends it until it is brought `up` again, with its port and its store. */
  down(): Promise<void>
  up(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

/** Starts the binary that SKEIN_NATS_SERVER names, and resolves when clients can connect. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = process.env.SKEIN_NATS_SERVER
  if (!binary)
    throw new Error('SKEIN_NATS_SERVER is not set: let it name a nats-server binary, 2.9.4 or newer')
  const directory = await mkdtemp(join(tmpdir(), 'skein-nats-'))
  const config = join(directory, 'server.json')
  await writeFile(
    config,
    JSON.stringify({
      host: '127.0.0.1',
      ...(options.jetStream !== false && { jetstream: { store_dir: join(directory, 'store') } }),
      ...(options.maxPayloadBytes && { max_payload: options.maxPayloadBytes }),
      ...(options.token && { authorization: { token: options.token } }),
    }),
  )

  /** -1 lets the server choose. */
  let port = -1
  let child: ChildProcess | undefined
  const leaveNoOrphan = () => child?.kill('SIGKILL')
  process.once('exit', leaveNoOrphan)

  async function up(): Promise<void> {
    const server = spawn(binary as string, ['--config', config, '--port', `${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = server
    port = await listening(server)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  await up()
  return {
    url: `nats://127.0.0.1:${port}`,
    up,
    down: () => end('SIGTERM'),
    async stop() {
      process.off('exit', leaveNoOrphan)
      await end('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The port, once the server says that it is ready. */
async function listening(server: ChildProcess): Promise<number> {
  if (server.stderr === null) throw new Error('nats-server was started without a pipe for what it says')
  const said: string[] = []
  let port = 0
  server.on('error', (error) => said.push(error.message))
  for await (const line of createInterface(server.stderr)) {
    said.push(line)
    const address = /Listening for client connections on .*:(\d+)$/.exec(line)
    if (address) port = Number(address[1])
    if (line.includes('Server is ready')) {
      server.stderr.resume()
      return port
    }
  }
  throw new Error(`nats-server did not start: ${said.join('\n')}`)
}
