/**
 * The mail of one peer, in: its own mailbox always, its role's mailbox and its desk while it has room, so that tasks go
 * to whoever is free and answers never wait behind tasks. It owns deliveries until they are acknowledged, forwarded,
 * buried or given back; what a message does to its conversation is the host's business. It is long, since the three
 * mailboxes share one count of room, and what becomes of a delivery is easier to see in one place.
 */

import type { Envelope } from '../../protocols/envelope.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import { type ConversationId, type PeerId, type RoleName, runOf } from '../../protocols/ids.ts'
import { ConflictError, isBusAway, LeaseLostError, MailboxFullError } from '../bus/errors.ts'
import type { Frame } from '../bus/frame.ts'
import { type Delivery, type Mailbox, type Mailboxes, mailboxSubject, type Reader } from '../bus/mailboxes.ts'
import { type Codec, UndeliverableError } from '../codec/codec.ts'
import { barredBecause, routeOf } from '../codec/route.ts'
import type { Log } from '../log.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { DeadLetters } from './dead-letters.ts'
import { FencedError } from './holdings.ts'
import type { Measures } from './measures.ts'
import { persist } from './persist.ts'
import type { Relay } from './relay.ts'
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
  /** Somebody else's peer: what lies on its desk goes back to the role. */
  readonly adopted: boolean
  /** How many have one now. */
  readonly busy: () => number
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

export interface Intake {
  /** Begins to read. */
  start(): Promise<void>
  /** Reads the peer's desk as well, from now on: only some topologies put anything there. */
  openDesk(): void
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
  const desk: Mailbox = { kind: 'desk', peer }
  const stopping = new AbortController()
  const readers: Reader[] = []
  const loops: Promise<void>[] = []
  /** Waits for work. Whoever takes the last room ends the others. */
  const waits = new Set<AbortController>()
  let isDeskOpen = false
  let taking = 0
  let wakers: (() => void)[] = []

  const hasRoom = () => taking + options.busy() < limit

  function wake(): void {
    const woken = wakers
    wakers = []
    for (const go of woken) go()
  }

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
        if (!stopping.signal.aborted) {
          log.warn('a message cannot be dealt with yet', { conversation, error: String(error), pause })
          await sleep(clock, pause, stopping.signal)
        }
        if (stopping.signal.aborted) return delivery.retry(0)
      }
    }
  }

  /** What only passes by here. What cannot go on yet comes again. */
  async function passOn({ frame }: Delivery, mailbox: Mailbox): Promise<'here' | 'gone' | 'later'> {
    try {
      const route = routeOf(frame)
      if (route === undefined) return 'here'
      return (await options.relay.pass(frame, route, hasRoom())) ? 'gone' : 'here'
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

  async function readPeerMailbox(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      void deliver(delivery, { mailbox: own, ackWaitMs: reader.ackWaitMs })
    }
  }

  /** Work, one after another while there is room. */
  async function readWork(reader: Reader, mailbox: Mailbox): Promise<void> {
    while (!stopping.signal.aborted) {
      if (!hasRoom()) {
        await new Promise<void>((resolve) => wakers.push(resolve))
        continue
      }
      const wait = new AbortController()
      waits.add(wait)
      const delivery = await reader.next(wait.signal)
      waits.delete(wait)
      if (delivery === undefined) {
        if (wait.signal.aborted) continue
        return
      }
      // The other mailbox had something at the same moment, and it took the last room.
      if (wait.signal.aborted) {
        await delivery.retry(0).catch(() => {}) // then it comes again by itself
        continue
      }
      taking++
      if (!hasRoom()) for (const other of waits) other.abort()
      void deliver(delivery, { mailbox, ackWaitMs: reader.ackWaitMs }).finally(() => {
        taking--
        wake()
      })
    }
  }

  /** What was put on the desk of a peer that takes no new work is for anybody of the role. */
  async function clearDesk(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      await options.relay.giveBack(delivery.frame).then(delivery.ack, () => delivery.retry(RETRY_MS.first))
    }
  }

  async function readDesk(): Promise<void> {
    const reader = await mailboxes.reader(desk, { prefetch: Math.max(1, Math.min(limit, PEER_PREFETCH)) })
    readers.push(reader)
    await (options.adopted ? clearDesk(reader) : readWork(reader, desk))
  }

  function openDesk(): void {
    if (isDeskOpen || stopping.signal.aborted || (limit === 0 && !options.adopted)) return
    isDeskOpen = true
    loops.push(
      persist(readDesk, { clock, log, signal: stopping.signal, what: `reading the desk of ${peer}` }),
    )
  }

  return {
    async start() {
      if (limit > 0) {
        const roleReader = await mailboxes.reader(shared, { prefetch: Math.min(limit, PEER_PREFETCH) })
        readers.push(roleReader)
        loops.push(readWork(roleReader, shared))
      }
      const peerReader = await mailboxes.reader(own, { prefetch: PEER_PREFETCH, ahead: true })
      readers.push(peerReader)
      loops.push(readPeerMailbox(peerReader))
      if (options.adopted) openDesk()
    },
    openDesk,
    wake,
    stop() {
      stopping.abort()
      for (const wait of waits) wait.abort()
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
  isBusAway(error) ||
  error instanceof ConflictError ||
  error instanceof MailboxFullError ||
  error instanceof LeaseLostError ||
  error instanceof FencedError
