/** Reaching a NATS server for the first time, and saying clearly why that did not work. */
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node'
import { UnauthorizedError, UnavailableError } from '../errors.ts'
import type { Address } from './address.ts'
import { reason } from './failures.ts'

export type DialOptions = {
  readonly token?: string
  readonly user?: string
  readonly pass?: string
  /** What a `.creds` file holds. */
  readonly creds?: string
  /** What the server's monitoring calls this client. */
  readonly name?: string
  /** 5,000 by default. */
  readonly connectTimeoutMs?: number
}

const CONNECT_TIMEOUT_MS = 5_000
/** Between two attempts to come back. Peers outlive servers: there is no last attempt. */
const RECONNECT_WAIT_MS = 500
/** Two pings without an answer mean that the connection is dead, though TCP has not noticed. */
const PING_INTERVAL_MS = 20_000

/** Options win over what the URL says. @throws UnavailableError, UnauthorizedError */
export async function dial(address: Address, options: DialOptions): Promise<NatsConnection> {
  const { token, user, pass } =
    options.token === undefined && options.user === undefined ? address.credentials : options
  try {
    return await connect({
      servers: [...address.servers],
      name: options.name ?? 'skein',
      ...(token !== undefined && { token }),
      ...(user !== undefined && { user, pass: pass ?? '' }),
      ...(options.creds !== undefined && {
        authenticator: credsAuthenticator(new TextEncoder().encode(options.creds)),
      }),
      ...(address.tls && { tls: {} }),
      timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      ignoreAuthErrorAbort: true,
      pingInterval: PING_INTERVAL_MS,
      noAsyncTraces: true,
    })
  } catch (error) {
    throw refusal(address.shown, error)
  }
}

function refusal(shown: string, error: unknown): UnauthorizedError | UnavailableError {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new UnauthorizedError(
      `NATS at ${shown} turns our credentials down (${error.message}): check the token, the user and password, or the creds`,
      { cause: error },
    )
  }
  return new UnavailableError(
    `cannot reach NATS at ${shown} (${reason(error)}): start a server there, or give the URL of another`,
    { cause: error },
  )
}
