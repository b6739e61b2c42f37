/**
 * The one place that chooses a bus: memory where that is wished for, NATS where its URL is given, else the project's
 * private server, else memory, in one process. Whoever named a server wants that one: if it cannot be reached, nothing takes its place.
 */
import { readFile } from 'node:fs/promises'
import type { Bus } from '../bus/bus.ts'
import { memoryNetwork } from '../bus/memory/network.ts'
import { parseAddress } from '../bus/nats/address.ts'
import type { Env } from '../embedded/command.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { FlockError } from './errors.ts'
import { tuningOf } from './tuning.ts'

export type BusOptions = {
  /** URL of a NATS server: `NATS_URL` of the environment, unless given. */
  readonly nats?: string | undefined
  /** In this process only, whatever server there is: nobody else is on it, and nothing of it outlives the process. */
  readonly inMemory?: boolean | undefined
  readonly env: Env
  readonly stateDir: string
  /** Takes a line for people: what takes long, and what happens to the connection. */
  readonly say: (text: string) => void
}

export type OpenBusOptions = BusOptions & {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

export type OpenBus = {
  readonly kind: 'nats' | 'embedded' | 'memory'
  readonly bus: Bus
  /** Where the server listens, without credentials; absent in memory. */
  readonly url?: string
  /** Variables with which a child process finds the same bus. They may hold credentials. */
  readonly env: Readonly<Record<string, string>>
  /** Closes the bus, and stops a private server that nobody else uses. */
  leave(): Promise<void>
}

/** @throws UnavailableError, UnauthorizedError, UnsupportedServerError, InvalidError for a server that was named */
export async function openBus(options: OpenBusOptions): Promise<OpenBus> {
  const { signal, say } = options
  if (options.inMemory) return inMemory(options)
  tuningOf(options.env) // what is wrong with it is said, and not taken for a server that cannot be had
  const url = natsUrl(options)
  if (url !== undefined) return named(url, options)
  try {
    return await embedded(options)
  } catch (error) {
    signal.throwIfAborted()
    say(`no NATS server can be had, so everything happens in this process: ${(error as Error).message}`)
  }
  return inMemory(options)
}

function inMemory({ clock, random }: OpenBusOptions): OpenBus {
  const bus = memoryNetwork({ clock, random }).connect('skein')
  return { kind: 'memory', bus, env: {}, leave: () => bus.close() }
}

/**
 * The bus that a run is on already, for who only looks: starts nothing.
 * @throws FlockError `flock.no-server`; as `openBus` for a server that was named
 */
export async function findBus(options: BusOptions): Promise<OpenBus> {
  const url = natsUrl(options)
  if (url !== undefined) return named(url, options)
  const { findEmbeddedNats } = await import('../embedded/embedded.ts')
  const server = await findEmbeddedNats(options.stateDir)
  if (server === undefined) {
    throw new FlockError(
      'no-server',
      `nothing runs here: "${options.stateDir}" has no live server. Start a run or a peer, or name a server with --nats or NATS_URL`,
    )
  }
  const bus = await natsBusAt(server.url, { token: server.token }, alone(options))
  return { kind: 'embedded', bus, url: server.url, env: {}, leave: () => bus.close() }
}

/** The server that the caller named, if any. */
export const natsUrl = ({ nats, env }: Pick<BusOptions, 'nats' | 'env'>): string | undefined =>
  nats || env.NATS_URL || undefined

/** What the environment says of who we are, by the names that NATS's own tools use. */
export async function natsCredentials(env: Env) {
  const { NATS_TOKEN: token, NATS_USER: user, NATS_PASSWORD: pass, NATS_CREDS: file } = env
  return {
    ...(token && { token }),
    ...(user && { user, pass: pass ?? '' }),
    ...(file && { creds: await readCreds(file) }),
  }
}

async function readCreds(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new FlockError('creds', `NATS_CREDS names "${file}", which cannot be read`, { cause })
  }
}

async function named(url: string, { env, say }: BusOptions): Promise<OpenBus> {
  const bus = await natsBusAt(url, await natsCredentials(env), { env, say })
  const { shown } = parseAddress(url)
  return { kind: 'nats', bus, url: shown, env: { NATS_URL: url }, leave: () => bus.close() }
}

async function embedded(options: OpenBusOptions): Promise<OpenBus> {
  const { embeddedNats } = await import('../embedded/embedded.ts')
  const server = await embeddedNats({ ...options, progress: options.say })
  try {
    const bus = await natsBusAt(server.url, { token: server.token }, alone(options))
    return {
      kind: 'embedded',
      bus,
      url: server.url,
      // A child process joins by the state folder: so it counts as a user of the server.
      env: {},
      async leave() {
        await bus.close()
        await server.leave()
      },
    }
  } catch (error) {
    await server.leave()
    throw error
  }
}

/** A private server has nobody to keep copies. */
const alone = ({ env, say }: BusOptions) => ({ env: { ...env, SKEIN_NATS_REPLICAS: '' }, say })

async function natsBusAt(
  url: string,
  credentials: Awaited<ReturnType<typeof natsCredentials>>,
  { env, say }: Pick<BusOptions, 'env' | 'say'>,
): Promise<Bus> {
  const { natsBus } = await import('../bus/nats/bus.ts')
  return natsBus({ url, ...credentials, ...tuningOf(env), onStatus: say })
}
