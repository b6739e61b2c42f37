/**
 * The mail of one peer, in: its own mailbox always, its role's mailbox while it has room, so that tasks go to whoever
 * is free and answers never wait behind tasks. It owns deliveries until they are acknowledged, forwarded, buried or
 * given back; what a message does to its conversation is the host's business.
 */
import { HEADER } from '../../protocols/envelope.ts'
import type { ConversationId, PeerId, RoleName } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import { type Delivery, type Mailbox, type Mailboxes, mailboxSubject, type Reader } from '../bus/mailboxes.ts'
import { type Codec, UndeliverableError } from '../codec/codec.ts'
import type { Log } from '../log.ts'
import type { Random } from '../time/random.ts'
import type { TurnInput } from './turn-input.ts'

export type Mail = TurnInput & { readonly kind: 'message' | 'unreadable' }

export type IntakeOptions = {
  readonly mailboxes: Mailboxes
  readonly codec: Codec
  readonly random: Random
  readonly log: Log
  readonly peer: PeerId
  readonly role: RoleName
  /** Conversations that may have an effect in flight before the role's mailbox is left to others. */
  readonly limit: number
  /** How many have one now. */
  readonly busy: () => number
  /** Takes a message, or answers the mailbox to which it is to be forwarded. What it throws brings it again. */
  readonly take: (conversation: ConversationId, mail: Mail) => Promise<Mailbox | undefined>
}

export interface Intake {
  /** Begins to read. */
  start(): Promise<void>
  /** There may be room again. */
  wake(): void
  /** Asks for no more. */
  stop(): void
  /** Resolves when nobody waits for mail any more. */
  stopped(): Promise<void>
  /** Leaves the mailboxes: what was delivered and not acknowledged goes to somebody else. */
  close(): Promise<void>
}

/** Unacknowledged deliveries the peer's own mailbox may have under way here. */
const PEER_PREFETCH = 64
/** First and longest pause before a message that could not be handled comes again. */
const RETRY_MS = { first: 50, longest: 5_000 }

export function createIntake(options: IntakeOptions): Intake {
  const { mailboxes, codec, random, log, peer, role, limit } = options
  const stopping = new AbortController()
  const readers: Reader[] = []
  const loops: Promise<void>[] = []
  let taking = 0
  let wake = () => {}

  async function deliver(delivery: Delivery): Promise<void> {
    try {
      const { conversation, input } = read(delivery.frame)
      const other = await options.take(conversation, input)
      if (other !== undefined) await forward(delivery.frame, other)
      else if (input.kind === 'unreadable') await bury(delivery.frame, input.reason)
      await delivery.ack()
    } catch (error) {
      await mend(delivery, error)
    }
  }

  function read(frame: Frame): {
    conversation: ConversationId
    input: Mail
  } {
    try {
      const message = codec.decode(frame)
      return { conversation: message.to.conversation, input: { kind: 'message', message } }
    } catch (error) {
      if (!(error instanceof UndeliverableError) || error.envelope === undefined) throw error
      return {
        conversation: error.envelope.to.conversation,
        input: { kind: 'unreadable', envelope: error.envelope, reason: error.message },
      }
    }
  }

  /** What could not be handled: never to be read, hence to the dead letters, or for now not to be done, hence again. */
  async function mend(delivery: Delivery, error: unknown): Promise<void> {
    const pause = Math.min(RETRY_MS.first * 2 ** Math.min(delivery.attempt, 10), RETRY_MS.longest)
    try {
      if (error instanceof UndeliverableError) {
        log.warn('a message could not be read and went to the dead letters', { error: error.message })
        await bury(delivery.frame, error.message)
        await delivery.ack()
        return
      }
      log.warn('a message could not be handled and comes again', {
        error: String(error),
        attempt: delivery.attempt,
        pause,
      })
      await delivery.retry(pause)
    } catch (second) {
      log.warn('a delivery could not be given back; it comes again by itself', { error: String(second) })
    }
  }

  const bury = (frame: Frame, reason: string) =>
    mailboxes.put(
      { kind: 'dead' },
      { headers: { ...frame.headers, [HEADER.reason]: reason.replace(/\s+/g, ' ') }, body: frame.body },
      { dedup: `dead>${random.hex(8)}` },
    )

  /** A nonce in the dedup: a message that comes back to a mailbox it was in before must not vanish there. */
  const forward = (frame: Frame, mailbox: Mailbox) =>
    mailboxes.put(mailbox, frame, { dedup: `forward>${mailboxSubject(mailbox)}>${random.hex(8)}` })

  async function readPeerMailbox(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      void deliver(delivery)
    }
  }

  async function readRoleMailbox(reader: Reader): Promise<void> {
    while (!stopping.signal.aborted) {
      if (taking + options.busy() >= limit) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      taking++
      void deliver(delivery).finally(() => {
        taking--
        wake()
      })
    }
  }

  return {
    async start() {
      const roleReader = await mailboxes.reader(
        { kind: 'role', role },
        { prefetch: Math.max(1, Math.min(limit, PEER_PREFETCH)) },
      )
      const peerReader = await mailboxes.reader({ kind: 'peer', peer }, { prefetch: PEER_PREFETCH })
      readers.push(roleReader, peerReader)
      loops.push(readRoleMailbox(roleReader), readPeerMailbox(peerReader))
    },
    wake: () => wake(),
    stop() {
      stopping.abort()
      wake()
    },
    async stopped() {
      await Promise.all(loops)
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
