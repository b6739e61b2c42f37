/**
 * A private nats-server for the processes of one project: who comes first starts it, who comes later shares it, the
 * last to leave stops it. What it keeps stays in the state folder. Clients it does not own: it hands out an address.
 *
 * - E1 At most one server works on a folder's data: it is started and stopped under the folder's lock.
 * - E2 It stops when no living process uses it. Who was killed no longer counts; if nobody was left to notice, the
 *   server waits for the next user, and for the next last one to stop it.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BinaryOptions, findBinary } from './binary.ts'
import { claim, livingClaims } from './claims.ts'
import { EmbeddedNatsError } from './errors.ts'
import { lives } from './incarnation.ts'
import { withLock } from './lock.ts'
import { FREE_PORT, type RunningServer, startServer, stopServer } from './server.ts'
import { readState, type ServerState } from './state.ts'

/** How to reach a private server. */
export type EmbeddedNatsAddress = {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string
  readonly token: string
  /** The server's process. */
  readonly pid: number
}

export type EmbeddedNats = EmbeddedNatsAddress & {
  /** Whether this call started the server. */
  readonly startedHere: boolean
  /** No longer uses it, and stops it if nobody else does. Close the connections first. Idempotent. */
  leave(): Promise<void>
}

export type EmbeddedNatsOptions = BinaryOptions & {
  /** The project's state folder; the server has `nats/` in it. */
  readonly stateDir: string
}

/**
 * Joins the project's private server; starts it if none lives, on the data of the last one.
 * @throws EmbeddedNatsError with everything that was tried, or the signal's reason
 * @example
 * const nats = await embeddedNats({ stateDir: '.skein', env, clock, random, progress, signal })
 * const connection = await connect({ servers: nats.url, token: nats.token })
 */
export async function embeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { clock, random, progress } = options
  const folder = serverFolder(options.stateDir)
  const lock = join(folder, 'lock')
  const users = join(folder, 'users')
  await makePrivate(folder)

  const enter = async (): Promise<EmbeddedNats> => {
    const left = await readState(folder)
    const found = await running(left)
    const server = found ?? (await startAnew(folder, left, options))
    const user = await claim(users, random)
    const stopUnused = async (): Promise<void> => {
      await user.drop()
      if ((await livingClaims(users)).length > 0) return // E2
      await stopServer(folder, (await readState(folder)) ?? server, clock)
    }
    let leaving: Promise<void> | undefined
    return {
      ...addressOf(server),
      startedHere: found === undefined,
      leave() {
        leaving ??= withLock(lock, { clock, random }, stopUnused) // E1
        return leaving
      },
    }
  }
  const waiting = () => progress('waiting for another process that starts or stops nats-server')
  return withLock(lock, { ...options, waiting }, enter) // E1
}

/** The private server of a state folder, for who only looks in; undefined where none lives. */
export async function findEmbeddedNats(stateDir: string): Promise<EmbeddedNatsAddress | undefined> {
  const server = await running(await readState(serverFolder(stateDir)))
  return server && addressOf(server)
}

const serverFolder = (stateDir: string) => resolve(stateDir, 'nats')
const addressOf = ({ url, token, pid }: RunningServer): EmbeddedNatsAddress => ({ url, token, pid })

async function makePrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new EmbeddedNatsError('state', `"${folder}" cannot be made: choose another state folder`, { cause })
  }
}

async function running(state: ServerState | undefined): Promise<RunningServer | undefined> {
  if (state?.url === undefined || !(await lives(state))) return undefined
  return { ...state, url: state.url }
}

async function startAnew(
  folder: string,
  left: ServerState | undefined,
  options: EmbeddedNatsOptions,
): Promise<RunningServer> {
  const settings = { ...options, folder, binary: await findBinary(options) }
  // Its starter was killed before it listened.
  if (left !== undefined) await stopServer(folder, left, options.clock)
  if (left?.url !== undefined) {
    // It was killed. At its old address, those who used it find it again by themselves.
    const sameAddress = { ...settings, token: left.token, port: Number(new URL(left.url).port) }
    try {
      return await startServer(sameAddress)
    } catch {
      // Somebody else may have the port by now.
      options.signal.throwIfAborted()
    }
  }
  return startServer({ ...settings, token: options.random.hex(32), port: FREE_PORT })
}
