/** What is on the other end: its version, whether it has JetStream, and whether a bus can be made of it. */
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { jserrors } from '@nats-io/jetstream/internal'
import { systemClock } from '../../time/system-clock.ts'
import { UnsupportedServerError } from '../errors.ts'
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts'
import { isOlder } from './version.ts'

/** The first server with all that the client's consumers need. */
const OLDEST_SERVER = '2.9.4'

export type NatsInfo = {
  /** The URL without credentials. */
  readonly url: string
  readonly serverName: string
  readonly version: string
  readonly jetStream: boolean
  /** Largest message, its headers included. */
  readonly maxPayloadBytes: number
}

/**
 * Looks at a server without making a bus of it, for a check-up.
 * @throws UnavailableError, UnauthorizedError, InvalidError
 */
export async function natsInfo(options: ConnectionOptions): Promise<NatsInfo> {
  const connection = await openConnection(options, systemClock())
  try {
    const { server_name: serverName, version, max_payload: maxPayloadBytes } = connection.server()
    const jetStream = (await jetStreamOf(connection)) !== undefined
    return { url: connection.shown, serverName, version, jetStream, maxPayloadBytes }
  } finally {
    await connection.close()
  }
}

/** The JetStream API of a server that can carry a bus. @throws UnsupportedServerError, UnavailableError */
export async function supportedJetStream(connection: Connection): Promise<JetStreamManager> {
  const { version } = connection.server()
  if (isOlder(version, OLDEST_SERVER)) {
    throw new UnsupportedServerError(
      `NATS at ${connection.shown} is version ${version}, and skein needs ${OLDEST_SERVER} or newer: update the server`,
    )
  }
  const jetStream = await jetStreamOf(connection)
  if (jetStream !== undefined) return jetStream
  throw new UnsupportedServerError(
    `NATS at ${connection.shown} has no JetStream: start it with "nats-server -js", or enable JetStream for this account`,
  )
}

function jetStreamOf(connection: Connection): Promise<JetStreamManager | undefined> {
  return connection.read('the look at JetStream', async () => {
    try {
      return await jetstreamManager(connection.nats, { timeout: connection.requestTimeoutMs })
    } catch (error) {
      if (error instanceof jserrors.JetStreamNotEnabled) return undefined
      throw error
    }
  })
}
