/**
 * Storing one message in a stream. What the server answers on purpose is a value, since each caller makes something
 * else of it; what goes wrong on the way is thrown.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import { errors, type MsgHdrs } from '@nats-io/transport-node'
import { TooLargeError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { API, apiCode, reason } from './failures.ts'

export type Message = {
  /** A noun phrase, for errors: `the append to "run.r1"`. */
  readonly what: string
  readonly subject: string
  readonly body: Uint8Array
  readonly headers?: MsgHdrs
  /** The stream stores only one message of those that share it. */
  readonly dedup?: string
  /** Store it only if this is the sequence of the subject's last message; 0: it has none. */
  readonly expected?: number
}

export type Stored =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** The subject's last message is another than expected. */
  | { readonly kind: 'conflict' }
  /** The subject holds all it may; only the stream of the mail is bounded like that. */
  | { readonly kind: 'full' }

/** @throws AmbiguousError, UnavailableError, TooLargeError */
export type Store = (message: Message) => Promise<Stored>

export function storeOver(connection: Connection, client: JetStreamClient): Store {
  return (message) =>
    connection.write(message.what, async () => {
      try {
        const ack = await client.publish(message.subject, message.body, {
          timeout: connection.requestTimeoutMs,
          ...(message.headers && { headers: message.headers }),
          ...(message.dedup !== undefined && { msgID: message.dedup }),
          ...(message.expected !== undefined && { expect: { lastSubjectSequence: message.expected } }),
        })
        return { kind: 'stored', sequence: ack.seq }
      } catch (error) {
        return answered(error, message, connection)
      }
    })
}

function answered(error: unknown, message: Message, connection: Connection): Stored {
  const code = apiCode(error)
  if (code === API.wrongLastSequence || code === API.wrongLastSequenceUnknown) return { kind: 'conflict' }
  if (code === API.storeFailed && reason(error).includes('per subject')) return { kind: 'full' }
  const tooLarge = code === API.messageExceedsMaximum || code === API.headerExceedsMaximum
  // The client's own check against the server's limit, made before anything is sent.
  if (tooLarge || error instanceof errors.InvalidArgumentError) {
    const limit = connection.server().max_payload
    throw new TooLargeError(message.what, sizeOf(message), limit, { cause: error })
  }
  throw error
}

function sizeOf({ headers, body }: Message): number {
  let size = body.length
  for (const [name, values] of headers ?? []) size += name.length + Buffer.byteLength(values.join())
  return size
}
