/**
 * Storing one message in a stream. What the server answers on purpose is a value, since each caller makes something
 * else of it; what goes wrong on the way is thrown.
 *
 * Clusters need care, by version:
 * 1. Before 2.9.21 the leader compares `expected` with what it has applied, not with what is on its way: of several
 *    stores at one sequence all are applied. There a dedup of (subject, expected) is the fence, which is looked at when
 *    a message is applied. `expected: 0` was always checked then.
 * 2. From 2.10 on the leader remembers a dedup before it stores the message. Until it has, and where it then refuses
 *    to, until the window has passed, another with that dedup is told to be a duplicate, with the sequence 0 or by an
 *    error: whether either will be stored is not known.
 */
import type { JetStreamClient, PubAck } from '@nats-io/jetstream'
import { errors, type MsgHdrs } from '@nats-io/transport-node'
import { AmbiguousError, TooLargeError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { API, apiCode, reason } from './failures.ts'
import { isOlder } from './version.ts'

export type Message = {
  /** A noun phrase, for errors: `the append to "run.r1"`. */
  readonly what: string
  readonly subject: string
  readonly body: Uint8Array
  readonly headers?: MsgHdrs
  /** The stream stores only one message of those that share it. */
  readonly dedup?: string
  /** Store it only if this is the sequence of the subject's last message; 0: it has none. Instead of a dedup. */
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

/** See 1. */
const FIRST_TO_COMPARE_WHEN_APPLIED = '2.9.21'

export function storeOver(connection: Connection, client: JetStreamClient): Store {
  function idOf({ subject, expected, dedup }: Message): string | undefined {
    const { cluster, version } = connection.server()
    const needsFence = expected && cluster !== undefined && isOlder(version, FIRST_TO_COMPARE_WHEN_APPLIED)
    return needsFence ? `${subject}@${expected}` : dedup // 1
  }

  return (message) =>
    connection.write(message.what, async () => {
      const id = idOf(message)
      try {
        const ack = await client.publish(message.subject, message.body, {
          timeout: connection.requestTimeoutMs,
          ...(message.headers && { headers: message.headers }),
          ...(id !== undefined && { msgID: id }),
          ...(message.expected !== undefined && { expect: { lastSubjectSequence: message.expected } }),
        })
        return acknowledged(ack, message)
      } catch (error) {
        return answered(error, message, connection)
      }
    })
}

function acknowledged({ seq, duplicate }: PubAck, { what, expected }: Message): Stored {
  if (duplicate && expected !== undefined) return { kind: 'conflict' } // 1
  if (duplicate && seq === 0) throw new AmbiguousError(what) // 2
  return { kind: 'stored', sequence: seq }
}

function answered(error: unknown, message: Message, connection: Connection): Stored {
  const code = apiCode(error)
  if (code === API.wrongLastSequence || code === API.wrongLastSequenceUnknown) return { kind: 'conflict' }
  if (code === API.duplicateInProcess) throw new AmbiguousError(message.what, { cause: error }) // 2
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
