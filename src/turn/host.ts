/**
 * The host: the shell around the pure turns of one peer. Every input of a conversation, mail (`intake.ts`), outcome
 * (`running.ts`) or timer (`alarms.ts`), goes the same way: record → turn → commit → publish → effects.
 *
 * It keeps T2 (nothing leaves before its commit), T3 (an outcome is offered until a commit holds it, and a committed
 * one is never asked for again) and T4 by the journal's compare-and-set: an owner's record is written by its owner
 * only. It does not own leases or presence (`src/peer`), nor what a role does (`src/role`). It is long, since what may
 * happen to one conversation, and in which order, is easier to see in one place.
 */

import { InvalidError } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, type PeerId, type RunId, runOf } from '../../protocols/ids.ts'
import type { Meter } from '../../traces/meter.ts'
import type { Redact } from '../../traces/redacted.ts'
import type { SpanSink } from '../../traces/span.ts'
import type { Bus } from '../bus/bus.ts'
import { TooLargeError } from '../bus/errors.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import type { Codec } from '../codec/codec.ts'
import type { Log } from '../log.ts'
import { type MessageQuotas, unlimitedQuotas } from '../run/quotas.ts'
import type { RunRecord } from '../run/run-record.ts'
import { followRuns, type RunStates } from '../run/run-states.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { roleOfLease } from '../topology/view.ts'
import { createAlarms } from './alarms.ts'
import type { Behaviour } from './behaviour.ts'
import { type Booking, chargedIn, createBookings } from './bookings.ts'
import { ended } from './closing.ts'
import { deadLetters } from './dead-letters.ts'
import type { TurnContext } from './draft.ts'
import type { EffectHandlers } from './effects.ts'
import { createHoldings, type FencedError } from './holdings.ts'
import { createIntake } from './intake.ts'
import { type Committed, createJournal } from './journal.ts'
import { createLanes } from './lanes.ts'
import { createMeasures } from './measures.ts'
import { isFree } from './outgoing.ts'
import { type Owners, type Ownership, watchOwners } from './owners.ts'
import { persist } from './persist.ts'
import { publish, type Unsent } from './publish.ts'
import type { ConversationRecord } from './record.ts'
import { createRelay } from './relay.ts'
import { createRunning } from './running.ts'
import { hasSeen } from './seen.ts'
import { createTrials, type Trials } from './trials.ts'
import { settled, type Turn, takeTurn } from './turn.ts'
import { envelopeOf, type TurnInput } from './turn-input.ts'
import { upgraded, VersionError } from './upgrade.ts'
import type { Board, Routing, Way } from './way.ts'
import { wishesOf } from './wishes.ts'

export type HostOptions = {
  readonly bus: Bus
  readonly codec: Codec
  readonly clock: Clock
  readonly random: Random
  readonly behaviour: Behaviour
  readonly handlers: EffectHandlers
  readonly peer: PeerId
  /** Epoch of the peer's lease: greater than that of any host the peer had before. */
  readonly epoch: number
  /** Conversations that may have an effect in flight before the role's mailbox is left to others; 0: it always is. */
  readonly limit: number
  /** Resolves while nobody else can host the peer; nothing is taken or published without. @throws LeaseLostError */
  readonly assure?: () => Promise<void>
  /** What the topology of a run says of its messages; they go where they would by themselves unless given. */
  readonly routing?: Routing | undefined
  /** Blackboards of runs. */
  readonly board?: Board | undefined
  /** Another process's peer, for as long as it has something to finish. */
  readonly adopted?: boolean
  /** Messages are booked before they are sent, where the run has a limit of them; it has none unless given. */
  readonly quotas?: MessageQuotas
  /** Of the process; of the host's own unless given. */
  readonly trials?: Trials
  /** A watch of the process's own, started by now; one of the host's own unless given. */
  readonly owners?: Owners
  /** What state runs are in: a watch of the process's own, started by now; one of the host's own unless given. */
  readonly runs?: RunStates
  /**
   * Resolves when an outcome or a timer may be taken, with the input to take: a replay says when. It may be taken at
   * once unless given.
   */
  readonly admit?: ((conversation: ConversationId, input: TurnInput) => Promise<TurnInput>) | undefined
  readonly host: string
  readonly pid: number
  /** Resource attributes of the spans made here. */
  readonly resource: Readonly<Record<string, string | number>>
  readonly spans: SpanSink
  /** Takes secrets out of what spans say of failures, and out of the errors of effects; nothing does unless given. */
  readonly redact?: Redact | undefined
  /** Nobody counts unless given. */
  readonly meter?: Meter | undefined
  readonly log: Log
  /** Told of every commit made here, before anything follows from it: for whoever watches closely, and changes nothing. */
  readonly onOwnCommit?: ((committed: Committed) => void) | undefined
  /** Told once when a later incarnation of the peer is at work. This host has stopped by then. */
  readonly onFenced?: (error: FencedError) => void
  /** Told of a conversation of this peer that this process cannot host. It is left as it is. */
  readonly onMisfit?: () => void
}

export interface Host {
  /** Takes over what the peer left, then begins to read. */
  start(): Promise<void>
  /** What it does now, for presence. */
  view(): HostView
  /** Reads no more, finishes the turns in hand and aborts the effects, which stay pending in their records. */
  drain(): Promise<void>
  /** Stops at once: another process hosts the peer. */
  stop(): void
}

type Advance = {
  readonly takenAt: number
  readonly booking: Booking
  readonly bury: () => Promise<void>
  readonly run: RunRecord | undefined
}

/** What the record of a run says to a turn. */
type KnownWays = Map<MessageId, Way>

const noBoard: Board = {
  async post({ role }) {
    throw new InvalidError('board', `work for role "${role}" is for a blackboard, and this host has none`)
  },
}

export type HostView = {
  readonly conversations: number
  readonly busy: number
  /** Effects in flight. */
  readonly effects: number
  readonly doing: readonly string[]
  readonly runs: readonly RunId[]
  /** Conversations of this peer that this process cannot host, and left as they are. */
  readonly refused: number
}

export function createHost(options: HostOptions): Host {
  const { bus, codec, clock, random, behaviour, peer, epoch, log, assure = async () => {} } = options
  const { routing, board = noBoard, adopted = false } = options
  const owners = options.owners ?? watchOwners(bus.records, log)
  const quotas: MessageQuotas = options.quotas ?? unlimitedQuotas
  const bookings = createBookings(quotas)
  const trials = options.trials ?? createTrials(bus.records)
  const measures = createMeasures(options.meter, behaviour)
  function committedHere(committed: Committed): void {
    running.dismiss(committed.record) // publishing takes its time: nobody pays meanwhile for what is not wanted
    options.onOwnCommit?.(committed)
  }
  const journal = createJournal(bus.records, committedHere, options.redact)
  const lanes = createLanes()
  const stopping = new AbortController()
  const patience = { clock, log, signal: stopping.signal }
  const alarms = createAlarms(clock, (conversation, input) => void insist(conversation, input))
  const running = createRunning({
    clock,
    handlers: options.handlers,
    resource: options.resource,
    redact: options.redact,
    trials,
    done(conversation, effect, result) {
      measures.effect(result)
      void insist(conversation, { kind: 'outcome', effect, result })
    },
  })
  const runs = options.runs ?? followRuns(bus.records, log)
  const holdings = createHoldings({
    ...options,
    journal,
    measures,
    context: () => context(clock.now()),
    // What is to be closed need not be understood.
    upgrade: (record) => (isOpen(record.run) ? upgraded(record, behaviour) : record),
    follow: (committed) => follow(committed, false),
    onFenced(error) {
      if (!stopping.signal.aborted) measures.fenced()
      halt()
      options.onFenced?.(error)
    },
  })
  const refused = new Set<ConversationId>()
  let stopFollowing: readonly (() => void)[] = []
  const intake = createIntake({
    ...options,
    mailboxes: bus.mailboxes,
    measures,
    letters: deadLetters(bus.records),
    trials,
    adopted,
    role: behaviour.role,
    relay: createRelay({ ...options, mailboxes: bus.mailboxes, runs, role: behaviour.role }),
    async forbids({ run, from, trail, type }) {
      const mayCome = trail !== undefined || isFree({ type })
      const known = routing === undefined || mayCome ? undefined : await runs.find(run)
      return known && routing?.applies(known) ? routing.forbids(known, from) : undefined
    },
    isRouted: async (conversation) => routing?.applies(await runs.find(runOf(conversation))) ?? false,
    busy: () => running.busy().length,
    take: (conversation, mail, bury) => lanes.run(conversation, () => handle(conversation, mail, bury)),
  })

  /** Reads no more, and tries nothing again. */
  function stop(): void {
    stopping.abort()
    intake.stop()
    for (const stop of stopFollowing) stop()
    if (options.runs === undefined) runs.stop()
  }

  /** And what is under way comes to nothing. */
  function halt(): void {
    stop()
    running.stop()
    alarms.clear()
  }

  const context = (takenAt: number): TurnContext => ({
    peer,
    epoch,
    nonce: random.hex(8),
    host: options.host,
    pid: options.pid,
    takenAt,
    now: clock.now(),
    resource: options.resource,
  })

  /** As far as is known: a run of which nothing is known is none that ends. */
  const isOpen = (run: RunId) => (runs.known(run)?.state ?? 'open') === 'open'

  /** Where work lies on a desk, it is looked for there. */
  function onTopology(record: RunRecord): void {
    if (record.state !== 'over' && routing?.applies(record)) intake.openDesk()
  }

  /** A run ends: what it has here is closed, and its effects are aborted before anything else has its turn. */
  function onRun({ run, state }: RunRecord): void {
    if (state === 'open') return
    for (const { conversation } of holdings.records()) {
      if (runOf(conversation) !== run) continue
      running.forget(conversation)
      void insistOn(conversation, () => finish(conversation))
    }
  }

  /** Where the mail of a conversation belongs, unless it is here. */
  function elsewhere({ owner, role }: ConversationRecord): Mailbox | undefined {
    if (owner !== null && owner !== peer) return { kind: 'peer', peer: owner }
    return role === behaviour.role ? undefined : { kind: 'role', role }
  }

  /** One input, all the way. Answers the mailbox to which the message is to be forwarded, where it is not for us. */
  async function handle(
    conversation: ConversationId,
    input: TurnInput,
    bury = async () => {},
  ): Promise<Mailbox | undefined> {
    const takenAt = clock.now()
    await assure()
    const run = await runs.find(runOf(conversation))
    if (run?.state === 'over') return drop(conversation)
    if (run?.state === 'ending') return end(conversation, input)
    const booking = bookings.of(conversation)
    try {
      const other = await advance(conversation, input, { takenAt, booking, bury, run })
      await bookings.done(conversation, booking)
      return other
    } catch (error) {
      bookings.keep(conversation, booking)
      throw error
    }
  }

  /** One turn, and what follows from it. */
  async function advance(
    conversation: ConversationId,
    given: TurnInput,
    { takenAt, booking, bury, run }: Advance,
  ): Promise<Mailbox | undefined> {
    let input = given
    let problem: string | undefined
    let outOfMessages = false
    const ways: KnownWays = new Map()
    for (;;) {
      const current = await holdings.load(conversation)
      if (input.kind === 'overdue') input = await withAbsence(input, current?.record)
      const other = current && elsewhere(current.record)
      if (other !== undefined) return other
      const turn = await routed(run, ways, () =>
        takeTurn(behaviour, current && upgraded(current.record, behaviour), input, {
          ...context(takenAt),
          ...{ ways, ...wishesOf(run) },
          ...(problem !== undefined && { problem }),
          ...(outOfMessages && { outOfMessages }),
        }),
      )
      if (turn.kind === 'nothing') {
        if (turn.why === 'seen')
          log.info('a message that was taken before comes to nothing', { conversation })
        if (booking.isDoubtful) booking.messages = 0 // the earlier try may have sent them
        return undefined
      }
      if (input.kind === 'given-up') await bury()
      if (!outOfMessages && !(await bookings.book(booking, chargedIn(turn.record.outbox)))) {
        outOfMessages = true
        continue
      }
      const committed = await commit(turn.record, current?.revision ?? 0, (error) => {
        if (problem !== undefined) throw error
        problem = error.message
      })
      if (committed === undefined) {
        ways.clear() // on top of another record the same number may be another message
        continue
      }
      booking.messages = 0 // they are sent
      holdings.remember(committed)
      measures.took(committed.record, input, takenAt, clock.now())
      await follow(committed, true)
      return undefined
    }
  }

  /** A turn that knows the ways of all that it sends: it is taken again while it sends what has none yet. */
  async function routed(run: RunRecord | undefined, ways: KnownWays, take: () => Turn): Promise<Turn> {
    for (;;) {
      const turn = take()
      if (turn.kind === 'nothing' || !routing?.applies(run)) return turn
      const wanted = turn.record.outbox.filter(({ message }) => !ways.has(message.id))
      if (wanted.length === 0) return turn
      for (const [id, way] of await routing.ways(run, wanted)) ways.set(id, way)
    }
  }

  /** Whether an answer that did not come could have: part of the input, since a turn asks nobody. */
  async function withAbsence(
    input: TurnInput & { readonly kind: 'overdue' },
    record: ConversationRecord | undefined,
  ): Promise<TurnInput> {
    const role = record?.awaiting.find(({ id }) => id === input.message)?.to.role
    if (role === undefined || input.isNobodyThere !== undefined) return input
    const held = await bus.leases.list('peer').catch(() => undefined) // then it is only late
    const isNobodyThere = held !== undefined && !held.some((lease) => roleOfLease(lease) === role)
    return { ...input, isNobodyThere }
  }

  /** R4: nothing is written to a conversation whose run is over. */
  function drop(conversation: ConversationId): undefined {
    holdings.forget(conversation)
    running.forget(conversation)
    alarms.forget(conversation)
    intake.wake()
  }

  /**
   * Closes a conversation whose run ends, and takes note of a message of it: their stake goes home.
   * Answers the mailbox to which the message is to be forwarded, where it is not for us.
   */
  async function end(conversation: ConversationId, input?: TurnInput): Promise<Mailbox | undefined> {
    const envelope = input && envelopeOf(input)
    for (;;) {
      const current = await holdings.load(conversation)
      const record = current?.record
      // Nobody's: whoever has its mail in hand may close it.
      if (record !== undefined && record.owner !== null && record.owner !== peer) return elsewhere(record)
      const isNews = envelope !== undefined && !(record && hasSeen(record.seen, envelope.id))
      // R4: what is idle holds no stake, so the run may be over by now; it has nothing to close either.
      if (!isNews && (record?.owner ?? null) === null) return drop(conversation)
      const run = runs.known(runOf(conversation))
      const reason = `its run ended: ${run?.reason ?? run?.outcome ?? 'it was stopped'}`
      const closed = ended(record, isNews ? envelope : undefined, { reason, context: context(clock.now()) })
      const committed = await journal.commit(closed, current?.revision ?? 0)
      if (committed === undefined) {
        holdings.forget(conversation)
        continue
      }
      holdings.remember(committed)
      await follow(committed, true)
      return undefined
    }
  }

  /** Whatever is left of a conversation whose run ends or has ended. */
  const finish = async (conversation: ConversationId): Promise<unknown> =>
    runs.known(runOf(conversation))?.state === 'over' ? drop(conversation) : end(conversation)

  /** T4: whoever finds that somebody else committed first forgets what it knew. */
  async function commit(
    record: ConversationRecord,
    expected: number,
    tooLarge: (error: TooLargeError) => void,
  ) {
    try {
      const committed = await journal.commit(record, expected)
      if (committed === undefined) holdings.forget(record.conversation)
      return committed
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error
      tooLarge(error)
      return undefined
    }
  }

  /**
   * What follows a commit: publish what it sends (T2), settle, then effects and timers.
   * @param isFirst nobody tried before: what a full mailbox refuses now was never stored
   */
  async function follow(committed: Committed, isFirst: boolean): Promise<void> {
    const { record } = committed
    if (record.outbox.length > 0) await assure()
    const refused = await publish(record, { mailboxes: bus.mailboxes, codec, board, isFirst })
    if (refused !== undefined) return takeBack(committed, refused)
    const rest = settled(record, context(clock.now()))
    if (rest !== undefined) {
      const parked = await journal.commit(rest, committed.revision)
      if (parked === undefined) {
        holdings.forget(record.conversation) // somebody was faster, so it is theirs already
        // Or it was credited here, and is still ours to close.
        if (!isOpen(record.run)) void insistOn(record.conversation, () => finish(record.conversation))
      } else holdings.remember(parked)
    }
    holdings.published(record.conversation)
    if (stopping.signal.aborted) return
    // A run that ended meanwhile: nothing of it is started any more.
    if (record.phase === 'open' && !isOpen(record.run)) {
      void insistOn(record.conversation, () => finish(record.conversation))
      return
    }
    running.follow(record)
    alarms.follow(record)
    intake.wake()
  }

  /** Tells the machine what was not sent. */
  async function takeBack(committed: Committed, unsent: Unsent): Promise<void> {
    await assure() // or whoever hosts it now has given them a place already
    const { run, outbox } = committed.record
    const refused = chargedIn(outbox.filter(({ message }) => unsent.messages.includes(message.id)))
    const known = await runs.find(run)
    const ways: KnownWays = new Map()
    const take = (more: Pick<TurnContext, 'outOfMessages'> = {}) =>
      routed(known, ways, () =>
        takeTurn(behaviour, committed.record, unsent, {
          ...context(clock.now()),
          ...{ ways, ...wishesOf(known), ...more },
        }),
      )
    let turn = await take()
    if (turn.kind === 'nothing') return
    // What was refused is booked already, and pays for what is said instead.
    let more = Math.max(0, chargedIn(turn.record.outbox) - refused)
    if (more > 0 && (await quotas.bookMessages(run, more)) !== undefined) {
      more = 0
      turn = await take({ outOfMessages: true })
      if (turn.kind === 'nothing') return
    }
    const next = await commit(turn.record, committed.revision, (error) => {
      throw error
    }).catch((error) => {
      // It may still be applied: what it takes back is sent only on top of a record that it cannot follow.
      holdings.doubt(committed.record.conversation)
      throw error
    })
    // Whoever was faster sends what was refused, as it stands in the record.
    const unused = next === undefined ? more : refused + more - chargedIn(turn.record.outbox)
    if (unused > 0) await quotas.giveBackMessages(run, unused).catch(() => {}) // then it is sold twice
    if (next === undefined) return
    holdings.remember(next)
    await follow(next, true)
  }

  /** Something of our own for a conversation: tried until it is done (T3), or this host stops. */
  const insistOn = (conversation: ConversationId, work: () => Promise<unknown>) =>
    persist(() => lanes.run(conversation, work), {
      ...patience,
      what: `a turn of ${conversation}`,
      about: { conversation },
    })

  async function insist(conversation: ConversationId, input: TurnInput): Promise<void> {
    const admitted = options.admit ? await options.admit(conversation, input) : input
    await insistOn(conversation, () => handle(conversation, admitted))
  }

  /**
   * Takes over what this host did not write: what its peer left, and what an earlier incarnation, dying or asleep,
   * manages to commit afterwards. Hence a watch, not a look at the start.
   */
  function takeOver({ conversation, revision }: Ownership): void {
    if (holdings.known(conversation) !== undefined || holdings.isOurs(conversation, revision)) return
    void insistOn(conversation, async () => {
      try {
        await assure()
        const run = await runs.find(runOf(conversation))
        if (run === undefined || run.state === 'open') await holdings.load(conversation)
        else await finish(conversation)
      } catch (error) {
        if (!(error instanceof VersionError || error instanceof InvalidError)) throw error
        log.error('a conversation is left as it is', { conversation, error: error.message })
        if (!(error instanceof VersionError)) return
        refused.add(conversation)
        options.onMisfit?.()
      }
    })
  }

  return {
    async start() {
      if (options.runs === undefined) await runs.start()
      if (options.owners === undefined) await owners.start()
      stopFollowing = [runs.follow(onRun), runs.follow(onTopology), owners.follow(peer, takeOver)]
      await intake.start()
      for (const run of runs.underWay()) onTopology(run)
    },
    view() {
      const records = holdings.records()
      return {
        conversations: records.length,
        busy: running.busy().length,
        effects: running.inFlight(),
        doing: records
          .filter((record) => record.effects.length > 0)
          .map((record) => `${record.took.to} on ${record.conversation}`),
        runs: [...new Set(records.map((record) => record.run))],
        refused: refused.size,
      }
    },
    async drain() {
      stop()
      await intake.stopped()
      await lanes.idle()
      running.stop()
      alarms.clear()
      await intake.close()
      if (options.owners === undefined) await owners.stop()
    },
    stop: halt,
  }
}
