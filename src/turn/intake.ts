/**
 * The mail of one peer, in: its own mailbox always, its role's mailbox while it has room, so that tasks go to whoever
 * is free and answers never wait behind tasks. It owns deliveries until they are acknowledged, forwarded, buried or
 * given back; what a message does to its conversation is the host's business.
 */
import type { FailureKind } from '../../protocols/failure.ts'
import { type ConversationId, type PeerId, type RoleName, runOf } from '../../protocols/ids.ts'
import {
  AmbiguousError,
  ConflictError,
  LeaseLostError,
  MailboxFullError,
  UnavailableError,
} from '../bus/errors.ts'
import type { Frame } from '../bus/frame.ts'
import { type Delivery, type Mailbox, type Mailboxes, mailboxSubject, type Reader } from '../bus/mailboxes.ts'
import { type Codec, UndeliverableError } from '../codec/codec.ts'
import type { Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { DeadLetters } from './dead-letters.ts'
import { FencedError } from './holdings.ts'
import type { Measures } from './measures.ts'
import { type Suspect, TRIALS_LIMIT, type Trials } from './trials.ts'
import type { TurnInput } from './turn-input.ts'
import { VersionError } from './upgrade.ts'

export type Mail = TurnInput & { readonly kind: 'message' | 'given-up' }
type Read = { readonly conversation: ConversationId; readonly input: Mail }

export type IntakeOptions = {
  readonly mailboxes: Mailboxes
  readonly letters: DeadLetters
  readonly measures: Measures
  readonly trials: Trials
  readonly codec: Codec
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly peer: PeerId
  readonly role: RoleName
  /** Conversations that may have an effect in flight before the role's mailbox is left to others; 0: it always is. */
  readonly limit: number
  /** How many have one now. */
  readonly busy: () => number
  /**
   * Takes a message, or answers the mailbox to which it is to be forwarded.
   * @param bury to be called before the commit of a turn that gives the message up
   */
  readonly take: (
    conversation: ConversationId,
    mail: Mail,
    bury: () => Promise<void>,
  ) => Promise<Mailbox | undefined>
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
/** First and longest pause before a message is tried again. */
const RETRY_MS = { first: 50, longest: 5_000 }
/** Times within the ack wait that a delivery in hand is said to be so. */
const KEPT_WITHIN = 3
/** Deliveries of a message that need no explanation; of a further one, somebody may have died. */
const TRUSTED_DELIVERIES = 2
/** Times that a message may fail, with whoever has it alive. The last one gives it up. */
export const FAILURES_LIMIT = 5
const DEADLY = `${TRIALS_LIMIT} processes died while it was all that they had in hand`

type Source = { readonly mailbox: Mailbox; readonly ackWaitMs: number }

const suspectOf = ({ conversation, input }: Read): Suspect => ({
  kind: 'message',
  run: runOf(conversation),
  what: input.kind === 'message' ? input.message.id : input.envelope.id,
})

export function createIntake(options: IntakeOptions): Intake {
  const { mailboxes, codec, clock, random, log, peer, role, limit } = options
  const own: Mailbox = { kind: 'peer', peer }
  const shared: Mailbox = { kind: 'role', role }
  const stopping = new AbortController()
  const readers: Reader[] = []
  const loops: Promise<void>[] = []
  let taking = 0
  let wake = () => {}

  /** Until it is acknowledged or given back; what cannot be settled comes again by itself. */
  async function deliver(delivery: Delivery, { mailbox, ackWaitMs }: Source): Promise<void> {
    options.measures.delivered(mailbox, delivery.attempt)
    const keepMs = ackWaitMs / KEPT_WITHIN
    let keeping = clock.setTimer(keepMs, keep)
    function keep(): void {
      void delivery.working().catch(() => {}) // then it comes again, to whoever is quicker
      keeping = clock.setTimer(keepMs, keep)
    }
    try {
      await settle(delivery, mailbox)
    } catch (error) {
      log.warn('a delivery could not be settled; it comes again by itself', { error: String(error) })
    } finally {
      keeping.cancel()
    }
  }

  async function settle(delivery: Delivery, mailbox: Mailbox): Promise<void> {
    const mail = read(delivery)
    if ('reason' in mail) {
      await bury(delivery.frame, mailbox, mail.reason)
      return delivery.ack()
    }
    if (delivery.attempt <= TRUSTED_DELIVERIES) return handle(delivery, mailbox, mail, mail.input)
    const suspect = suspectOf(mail)
    // Its deliveries count nothing by themselves: whoever had it may have died of something else, or been slow.
    const trial = options.trials.alone(suspect, async () => {
      await handle(delivery, mailbox, mail, mail.input)
      return true
    })
    const tried = await trial.catch(async (error) => {
      if (!isPassing(error)) throw error
      await delivery.retry(RETRY_MS.longest)
      return true
    })
    if (tried === undefined) await handle(delivery, mailbox, mail, givenUp(mail.input, DEADLY, 'died'))
  }

  /** Where the bus is away the message stays in hand until it is back. */
  async function handle(delivery: Delivery, mailbox: Mailbox, mail: Read, input: Mail): Promise<void> {
    const { frame } = delivery
    const { conversation } = mail
    for (let pause = RETRY_MS.first; ; pause = Math.min(2 * pause, RETRY_MS.longest)) {
      try {
        const other = await options.take(conversation, input, () => buryInput(frame, mailbox, input))
        if (other !== undefined) await forward(frame, other)
        return await delivery.ack()
      } catch (error) {
        if (!isPassing(error)) return await mend(delivery, mailbox, mail, error)
        if (!stopping.signal.aborted) {
          log.warn('a message cannot be dealt with yet', { conversation, error: String(error), pause })
          await sleep(clock, pause, stopping.signal)
        }
        if (stopping.signal.aborted) return delivery.retry(0)
      }
    }
  }

  function read({ frame, attempt: delivery }: Delivery): Read | { readonly reason: string } {
    try {
      const message = codec.decode(frame)
      return { conversation: message.to.conversation, input: { kind: 'message', message, delivery } }
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error
      const { envelope, message: reason } = error
      if (envelope === undefined) return { reason }
      return {
        conversation: envelope.to.conversation,
        input: { kind: 'given-up', envelope, delivery, failure: 'invalid', reason },
      }
    }
  }

  /** What will not pass by itself. A conversation of another version is for another process; what always fails is given up. */
  async function mend(delivery: Delivery, mailbox: Mailbox, mail: Read, error: unknown): Promise<void> {
    const { conversation } = mail
    const what = { conversation, error: String(error) }
    if (error instanceof VersionError) {
      log.error('a message is left to a process of another version', what)
      return delivery.retry(RETRY_MS.longest)
    }
    const failures = await options.trials.strike(suspectOf(mail))
    if (failures < FAILURES_LIMIT) {
      const pause = Math.min(RETRY_MS.first * 2 ** failures, RETRY_MS.longest)
      log.warn('a message could not be dealt with and comes again', { ...what, failures, pause })
      return delivery.retry(pause)
    }
    log.error('a message is given up', what)
    const reason = `it failed ${failures} times, last with: ${(error as Error).message}`
    // The sender is told by a turn, unless that cannot be taken either; then its own deadline tells it.
    const input = givenUp(mail.input, reason)
    await options
      .take(conversation, input, () => buryInput(delivery.frame, mailbox, input))
      .catch(async (second) => {
        if (isPassing(second)) throw second
        log.error('the sender of a message that was given up could not be told', {
          ...what,
          error: String(second),
        })
        await bury(delivery.frame, mailbox, reason, conversation)
      })
    await delivery.ack()
  }

  const buryInput = async (frame: Frame, mailbox: Mailbox, input: Mail) => {
    if (input.kind === 'given-up') await bury(frame, mailbox, input.reason, input.envelope.to.conversation)
  }

  async function bury(
    frame: Frame,
    mailbox: Mailbox,
    reason: string,
    conversation?: ConversationId,
  ): Promise<void> {
    log.warn('a message goes to the dead letters', { conversation, reason })
    const letter = { reason, mailbox, by: peer, at: clock.now() }
    if (await options.letters.bury(frame, letter)) options.measures.buried()
  }

  /** A nonce in the dedup: a message that comes back to a mailbox it was in before must not vanish there. */
  const forward = (frame: Frame, mailbox: Mailbox) =>
    mailboxes.put(mailbox, frame, { dedup: `forward>${mailboxSubject(mailbox)}>${random.hex(8)}` })

  async function readPeerMailbox(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      void deliver(delivery, { mailbox: own, ackWaitMs: reader.ackWaitMs })
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
      void deliver(delivery, { mailbox: shared, ackWaitMs: reader.ackWaitMs }).finally(() => {
        taking--
        wake()
      })
    }
  }

  return {
    async start() {
      if (limit > 0) {
        const roleReader = await mailboxes.reader(shared, { prefetch: Math.min(limit, PEER_PREFETCH) })
        readers.push(roleReader)
        loops.push(readRoleMailbox(roleReader))
      }
      const peerReader = await mailboxes.reader(own, { prefetch: PEER_PREFETCH, ahead: true })
      readers.push(peerReader)
      loops.push(readPeerMailbox(peerReader))
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

const givenUp = (input: Mail, reason: string, failure: FailureKind = 'error'): Mail => ({
  kind: 'given-up',
  envelope: input.kind === 'message' ? input.message : input.envelope,
  ...(input.delivery && { delivery: input.delivery }),
  failure,
  reason,
})

/** The bus is away, or full, or this peer is hosted by another process: nothing the message is to blame for. */
const isPassing = (error: unknown): boolean =>
  error instanceof UnavailableError ||
  error instanceof AmbiguousError ||
  error instanceof ConflictError ||
  error instanceof MailboxFullError ||
  error instanceof LeaseLostError ||
  error instanceof FencedError
