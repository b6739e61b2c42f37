/**
 * Starts and stops a private nats-server in a folder of its own: JetStream, loopback only, a token. It outlives the
 * process that started it; when it may end is not decided here. Callers hold the folder's lock.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '../time/clock.ts'
import { deadline } from './deadline.ts'
import { EmbeddedNatsError } from './errors.ts'
import { endIncarnation, type Incarnation, incarnationOf } from './incarnation.ts'
import { removeState, type ServerState, writeState } from './state.ts'

/** Until it listens: some 25 ms on an empty folder; a large one is read first. */
const START_MS = 30_000
/** Between two looks. */
const LOOK_MS = 10
/** A record, with a conversation's whole state, must fit; more than this the server warns against. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024

/** Lets the system choose the port. */
export const FREE_PORT = -1

export type StartOptions = {
  readonly binary: string
  readonly folder: string
  readonly token: string
  readonly port: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export type RunningServer = ServerState & { readonly url: string }

/** Starts a server and resolves when it takes connections. @throws EmbeddedNatsError `embedded.start` */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { folder, token, clock } = options
  const child = await launch(options)
  const limit = deadline(clock, START_MS, 'nats-server', options.signal)
  try {
    const incarnation = await incarnationOf(child.pid!)
    if (incarnation === undefined) throw await startError(folder)
    // Known before it listens, so that whoever comes after a crash of ours finds and ends it.
    await writeState(folder, { ...incarnation, token })
    const url = await listening(child, folder, clock, limit.signal)
    await writeState(folder, { ...incarnation, token, url })
    child.unref()
    return { ...incarnation, token, url }
  } catch (error) {
    await kill(child)
    await removeState(folder)
    throw error
  } finally {
    limit.clear()
  }
}

/** Ends a server, if it still lives, and forgets it. @throws EmbeddedNatsError `embedded.stop` */
export async function stopServer(folder: string, server: Incarnation, clock: Clock): Promise<void> {
  if (!(await endIncarnation(server, clock))) {
    throw new EmbeddedNatsError('stop', `nats-server, process ${server.pid}, does not end: end it yourself`)
  }
  await removeState(folder)
}

async function launch({ binary, folder, token, port }: StartOptions): Promise<ChildProcess> {
  const ports = portsFolder(folder)
  await rm(ports, { recursive: true, force: true })
  await mkdir(ports, { recursive: true, mode: 0o700 })
  const config = join(folder, 'server.conf')
  // JSON is a subset of the server's own language.
  const settings = {
    host: '127.0.0.1',
    port,
    authorization: { token },
    max_payload: MAX_PAYLOAD_BYTES,
    jetstream: { store_dir: join(folder, 'data') },
    ports_file_dir: ports,
  }
  await writeFile(config, JSON.stringify(settings, null, 2), { mode: 0o600 })
  const log = await open(logIn(folder), 'w', 0o600)
  try {
    // A session of its own: what a terminal sends to its foreground does not reach it. Of our environment, which may
    // hold keys, it needs nothing.
    const child = spawn(binary, ['-c', config], {
      cwd: folder,
      env: {},
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw new EmbeddedNatsError('start', `"${binary}" cannot be started`, { cause })
  } finally {
    await log.close()
  }
}

/** The server writes a file with its URLs once it listens: `<binary>_<pid>.ports`. */
async function listening(
  child: ChildProcess,
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const ports = portsFolder(folder)
  for (;;) {
    signal.throwIfAborted()
    for (const name of await readdir(ports)) {
      const url = /"(nats:[^"]+)"/.exec(await readFile(join(ports, name), 'utf8'))?.[1]
      if (url !== undefined) return url
    }
    if (hasEnded(child)) throw await startError(folder)
    await sleep(clock, LOOK_MS, signal)
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function startError(folder: string): Promise<EmbeddedNatsError> {
  const log = logIn(folder)
  const last = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').at(-1)
  return new EmbeddedNatsError('start', `nats-server ended at its start: ${last} (see "${log}")`)
}

const portsFolder = (folder: string) => join(folder, 'ports')
const logIn = (folder: string) => join(folder, 'server.log')
