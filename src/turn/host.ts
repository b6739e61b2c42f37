/**
 * The host: the shell around the pure turns of one peer. Every input of a conversation, mail (`intake.ts`), outcome
 * (`running.ts`) or timer (`alarms.ts`), goes the same way: record → turn → commit → publish → effects. Of a run that
 * ends nothing goes that way any more (`clearance.ts`).
 *
 * It keeps T2 (nothing leaves before its commit), T3 (an outcome is offered until a commit holds it, and a committed
 * one is never asked for again) and T4 by the journal's compare-and-set: an owner's record is written by its owner
 * only. It does not own leases or presence (`src/peer`), nor what a role does (`src/role`). It is long, since what may
 * happen to one conversation, and in which order, is easier to see in one place.
 */
import { InvalidError } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, type RunId, runOf } from '../../protocols/ids.ts'
import { TooLargeError } from '../bus/errors.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import { type MessageQuotas, unlimitedQuotas } from '../run/quotas.ts'
import type { RunRecord } from '../run/run-record.ts'
import { followRuns } from '../run/run-states.ts'
import { withAbsence } from './absence.ts'
import { createAlarms } from './alarms.ts'
import { type Booking, chargedIn, createBookings } from './bookings.ts'
import { createClearance } from './clearance.ts'
import { deadLetters } from './dead-letters.ts'
import type { TurnContext } from './draft.ts'
import { createHoldings } from './holdings.ts'
import type { Host, HostOptions } from './host-options.ts'
import { createIntake } from './intake.ts'
import { type Committed, createJournal } from './journal.ts'
import { createLanes } from './lanes.ts'
import { createMeasures } from './measures.ts'
import { isFree } from './outgoing.ts'
import { type Ownership, watchOwners } from './owners.ts'
import { persist } from './persist.ts'
import { publish, type Unsent } from './publish.ts'
import type { ConversationRecord } from './record.ts'
import { createRelay } from './relay.ts'
import { createRunning } from './running.ts'
import { createTrials } from './trials.ts'
import { settled, type Turn, takeTurn } from './turn.ts'
import type { TurnInput } from './turn-input.ts'
import { upgraded, VersionError } from './upgrade.ts'
import type { Board, Way } from './way.ts'
import { wishesOf } from './wishes.ts'

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
    take(conversation, mail, bury) {
      const take = (input: TurnInput) => lanes.run(conversation, () => handle(conversation, input, bury))
      return options.admit ? options.admit(conversation, mail).then(take) : take(mail)
    },
  })

  const clearance = createClearance({
    ...{ peer, journal, holdings, running, alarms, runs, elsewhere },
    context: () => context(clock.now()),
    follow: (committed) => follow(committed, true),
    wake: intake.wake,
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
      void insistOn(conversation, () => clearance.finish(conversation))
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
    if (run?.state === 'over') return clearance.drop(conversation)
    if (run?.state === 'ending') return clearance.close(conversation, input)
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
      if (input.kind === 'overdue') input = await withAbsence(input, current?.record, bus.leases)
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
        if (!isOpen(record.run))
          void insistOn(record.conversation, () => clearance.finish(record.conversation))
      } else holdings.remember(parked)
    }
    holdings.published(record.conversation)
    if (stopping.signal.aborted) return
    // A run that ended meanwhile: nothing of it is started any more.
    if (record.phase === 'open' && !isOpen(record.run)) {
      void insistOn(record.conversation, () => clearance.finish(record.conversation))
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
        else await clearance.finish(conversation)
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
