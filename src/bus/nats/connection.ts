/**
 * One connection to a NATS server: staying with it for ever, and leaving it. What is asked of the server goes
 * through `read` and `write`, so that a call made while the connection is down waits for it a while, and then fails
 * as unavailable instead of ambiguous.
 */
import type { NatsConnection, ServerInfo } from '@nats-io/transport-node'
import type { Clock } from '../../time/clock.ts'
import { UnavailableError } from '../errors.ts'
import { parseAddress } from './address.ts'
import { type DialOptions, dial } from './dial.ts'
import { readFailure, writeFailure } from './failures.ts'

export type ConnectionOptions = DialOptions & {
  /** `nats://host:4222`, several with commas between; `tls://` insists on encryption. May carry credentials. */
  readonly url: string
  /** How long an answer may take, and how long a call waits for a lost connection. 5,000 by default. */
  readonly requestTimeoutMs?: number
  /** Told, in one line each, what happens to the connection. */
  readonly onStatus?: (text: string) => void
}

export interface Connection {
  readonly nats: NatsConnection
  readonly clock: Clock
  /** The URL without credentials. */
  readonly shown: string
  readonly requestTimeoutMs: number
  isUp(): boolean
  /** How the server introduced itself, last. */
  server(): ServerInfo
  /** Tells whoever watches the connection. */
  report(text: string): void
  /** @throws UnavailableError once the connection was closed */
  assertOpen(): void
  /** Asks for what changes nothing. `what` is a noun phrase, for the error. @throws UnavailableError */
  read<T>(what: string, request: () => Promise<T>): Promise<T>
  /** Asks for a change. @throws AmbiguousError, UnavailableError */
  write<T>(what: string, request: () => Promise<T>): Promise<T>
  /** Calls `again` after every reconnection, until the function that it returns is called. */
  onReconnect(again: () => void): () => void
  /** Calls `leave` before the connection goes, unless the function that it returns is called first. */
  onClose(leave: () => void | Promise<void>): () => void
  close(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 5_000
/** For a farewell to a server that may no longer listen. */
const CLOSE_TIMEOUT_MS = 2_000

/** @throws UnavailableError, UnauthorizedError, InvalidError */
export async function openConnection(options: ConnectionOptions, clock: Clock): Promise<Connection> {
  const address = parseAddress(options.url)
  const { shown } = address
  const nats = await dial(address, options)
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const report = options.onStatus ?? (() => {})
  const returning = new Set<() => void>()
  const leaving = new Set<() => void | Promise<void>>()
  let server = nats.info as ServerInfo
  let up = true
  let closing: Promise<void> | undefined

  async function follow(): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect' && up) {
        up = false
        report(`lost NATS at ${shown}, trying to come back`)
      } else if (status.type === 'reconnect') {
        up = true
        server = nats.info ?? server
        report(`back with NATS at ${shown}`)
        for (const again of [...returning]) again()
      } else if (status.type === 'error') {
        report(`NATS at ${shown} says: ${status.error.message}`)
      }
    }
  }

  function assertOpen(): void {
    if (closing !== undefined) throw new UnavailableError(`the bus at ${shown} was closed`)
  }

  async function ready(): Promise<void> {
    assertOpen()
    if (up) return
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(requestTimeoutMs, done)
      const forget = [join(returning, done), join(leaving, done)]
      function done() {
        timer.cancel()
        for (const one of forget) one()
        resolve()
      }
    })
    assertOpen()
    if (!up) throw new UnavailableError(`no connection to NATS at ${shown}: is the server still running?`)
  }

  const asking =
    (failure: typeof readFailure) =>
    async <T>(what: string, request: () => Promise<T>): Promise<T> => {
      try {
        await ready()
        return await request()
      } catch (error) {
        throw failure(what, error)
      }
    }

  async function leave(): Promise<void> {
    const left = Promise.all([...leaving].map((one) => one()))
    const farewell = async () => {
      await left
      await nats.drain()
    }
    if (up) await within(clock, CLOSE_TIMEOUT_MS, farewell())
    await nats.close()
  }

  function close(): Promise<void> {
    closing ??= leave()
    return closing
  }

  void follow()
  void nats.closed().then(close)
  return {
    nats,
    clock,
    shown,
    requestTimeoutMs,
    isUp: () => up,
    server: () => server,
    report,
    assertOpen,
    read: asking(readFailure),
    write: asking(writeFailure),
    onReconnect: (again) => join(returning, again),
    onClose: (one) => join(leaving, one),
    close,
  }
}

function join<T>(set: Set<T>, member: T): () => void {
  set.add(member)
  return () => {
    set.delete(member)
  }
}

/** Waits until the promise is settled, either way, but not for longer. */
function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel()
      resolve()
    }
    const timer = clock.setTimer(ms, done)
    promise.then(done, done)
  })
}
