/**
 * What becomes of a delivery, from when it is in hand: it is passed on, taken, forwarded, buried or given back, and
 * acknowledged only then. What a message does to its conversation is the host's business.
 */
import type { Envelope } from '../../protocols/envelope.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import { type ConversationId, type PeerId, runOf } from '../../protocols/ids.ts'
import { ConflictError, isBusAway, LeaseLostError, MailboxFullError } from '../bus/errors.ts'
import type { Frame } from '../bus/frame.ts'
import { type Delivery, type Mailbox, type Mailboxes, mailboxSubject } from '../bus/mailboxes.ts'
import { type Codec, UndeliverableError } from '../codec/codec.ts'
import { barredBecause, routeOf } from '../codec/route.ts'
import type { Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { DeadLetters } from './dead-letters.ts'
import { FencedError } from './holdings.ts'
import type { Measures } from './measures.ts'
import type { Relay } from './relay.ts'
import { type Suspect, TRIALS_LIMIT, type Trials } from './trials.ts'
import type { TurnInput } from './turn-input.ts'
import { VersionError } from './upgrade.ts'

export type Mail = TurnInput & { readonly kind: 'message' | 'given-up' }
type Read = { readonly conversation: ConversationId; readonly input: Mail }

/** Where a delivery came from, and how long it may be in hand before the bus gives it to somebody else. */
export type Source = { readonly mailbox: Mailbox; readonly ackWaitMs: number }

export type DeliveriesOptions = {
  readonly mailboxes: Mailboxes
  readonly letters: DeadLetters
  readonly measures: Measures
  readonly trials: Trials
  readonly codec: Codec
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly peer: PeerId
  /** Nothing is tried again here from when it is aborted. */
  readonly signal: AbortSignal
  /** Whether this peer could begin with work now. */
  readonly hasRoom: () => boolean
  readonly relay: Relay
  /** Why a message that came straight from its sender may not have, or undefined. */
  readonly forbids: (envelope: Envelope) => Promise<string | undefined>
  /** Whether the topology of its run has a say in where the mail of a conversation goes. */
  readonly isRouted: (conversation: ConversationId) => Promise<boolean>
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

export interface Deliveries {
  /** Until it is acknowledged or given back; what cannot be settled comes again by itself. */
  deal(delivery: Delivery, source: Source): Promise<void>
}

/** First and longest pause before a message is tried again. */
export const RETRY_MS = { first: 50, longest: 5_000 }
/** Times within the ack wait that a delivery in hand is said to be so. */
const KEPT_WITHIN = 3
/** Deliveries of a message that need no explanation; of a further one, somebody may have died. */
const TRUSTED_DELIVERIES = 2
/** Times that a message may fail, with whoever has it alive. The last one gives it up. */
export const FAILURES_LIMIT = 5
const DEADLY = `${TRIALS_LIMIT} processes died while it was all that they had in hand`

const suspectOf = ({ conversation, input }: Read): Suspect => ({
  kind: 'message',
  run: runOf(conversation),
  what: input.kind === 'message' ? input.message.id : input.envelope.id,
})

export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { mailboxes, codec, clock, random, log, peer, signal } = options

  async function deal(delivery: Delivery, { mailbox, ackWaitMs }: Source): Promise<void> {
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
    const passing = await passOn(delivery, mailbox)
    if (passing === 'later') return delivery.retry(RETRY_MS.longest)
    if (passing === 'gone') return delivery.ack()
    const mail = await read(delivery)
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
        if (other !== undefined) await forward(frame, mail, other)
        return await delivery.ack()
      } catch (error) {
        if (!isPassing(error)) return await mend(delivery, mailbox, mail, error)
        if (!signal.aborted) {
          log.warn('a message cannot be dealt with yet', { conversation, error: String(error), pause })
          await sleep(clock, pause, signal)
        }
        if (signal.aborted) return delivery.retry(0)
      }
    }
  }

  /** What only passes by here. What cannot go on yet comes again. */
  async function passOn({ frame }: Delivery, mailbox: Mailbox): Promise<'here' | 'gone' | 'later'> {
    try {
      const route = routeOf(frame)
      if (route === undefined) return 'here'
      return (await options.relay.pass(frame, route, options.hasRoom())) ? 'gone' : 'here'
    } catch (error) {
      if (isPassing(error)) return 'later'
      await bury(frame, mailbox, (error as Error).message)
      return 'gone'
    }
  }

  async function read({ frame, attempt: delivery }: Delivery): Promise<Read | { readonly reason: string }> {
    try {
      const message = codec.decode(frame)
      const { conversation } = message.to
      const why = barredBecause(frame) ?? (await options.forbids(message))
      if (why === undefined) return { conversation, input: { kind: 'message', message, delivery } }
      return {
        conversation,
        input: { kind: 'given-up', envelope: message, delivery, failure: 'refused', reason: why },
      }
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
    // What the topology forbids is refused, and nothing is wrong with it.
    if (input.kind === 'given-up' && input.failure !== 'refused')
      await bury(frame, mailbox, input.reason, input.envelope.to.conversation)
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

  async function forward(frame: Frame, { input, conversation }: Read, to: Mailbox): Promise<void> {
    const { id, sentAt, trail = [] } = input.kind === 'message' ? input.message : input.envelope
    if (await options.isRouted(conversation))
      await options.relay.forward(frame, { id, conversation, to, trail, sentAt: String(sentAt) })
    else await put(frame, to)
  }

  /** A nonce in the dedup: a message that comes back to a mailbox it was in before must not vanish there. */
  const put = (frame: Frame, mailbox: Mailbox) =>
    mailboxes.put(mailbox, frame, { dedup: `forward>${mailboxSubject(mailbox)}>${random.hex(8)}` })

  return { deal }
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
  isBusAway(error) ||
  error instanceof ConflictError ||
  error instanceof MailboxFullError ||
  error instanceof LeaseLostError ||
  error instanceof FencedError
