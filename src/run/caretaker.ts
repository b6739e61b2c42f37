/**
 * Closes what nobody else closes of a run that ends: conversations whose process is gone, and mail that nobody reads.
 * It needs no knowledge of a role: what is closed need not be understood. Where a host is alive, it does this itself
 * (`src/turn/host.ts`), and the record decides who was faster.
 *
 * K1 A message's stake is in a committed record before the message is removed, or its sender's outbox crossed off.
 * K2 What has an owner is written under a lease of that owner, or, when patience is over, by compare-and-set alone:
 *    the record is the fence.
 */
import type { Envelope } from '../../protocols/envelope.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, type PeerId, type RunId, runOf } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Frame } from '../bus/frame.ts'
import { mailboxSubject } from '../bus/mailboxes.ts'
import { type Codec, createCodec, UndeliverableError } from '../codec/codec.ts'
import { type HeldPeer, holdPeer } from '../peer/lease.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { lyingOn } from '../topology/claims.ts'
import { credited, ended } from '../turn/closing.ts'
import type { TurnContext } from '../turn/draft.ts'
import { type Committed, createJournal } from '../turn/journal.ts'
import { createMeasures } from '../turn/measures.ts'
import { type ConversationRecord, readableRecord, runPrefix } from '../turn/record.ts'
import { hasSeen } from '../turn/seen.ts'
import { originOf } from '../turn/stake-moves.ts'
import { takenOver } from '../turn/takeover.ts'
import { settled } from '../turn/turn.ts'

export type CaretakerOptions = Pick<
  ProcessPorts,
  'bus' | 'clock' | 'random' | 'log' | 'spans' | 'redact' | 'meter' | 'host' | 'pid'
> & {
  readonly run: RunId
  /** The lease of the run's origin: it writes where nobody is the owner. */
  readonly held: HeldPeer
  readonly resource: TurnContext['resource']
}

export interface Caretaker {
  /**
   * Closes what is left without a host now.
   * @param force also what somebody holds a lease for, and does not close
   * @throws UnavailableError, AmbiguousError
   */
  look(reason: string, force: boolean): Promise<void>
}

type Author = { readonly peer: PeerId; readonly epoch: number }
type Owned = Pick<ConversationRecord, 'owner' | 'epoch'>
const NOBODYS: Owned = { owner: null, epoch: 0 }

/** One look: why, whether patience is over, and the leases that it borrowed. */
type Look = {
  readonly reason: string
  readonly force: boolean
  readonly borrowed: Map<PeerId, HeldPeer>
}

export function createCaretaker(options: CaretakerOptions): Caretaker {
  const { bus, clock, random, log, run, held } = options
  const journal = createJournal(bus.records, undefined, options.redact)
  // Only envelopes count here, and those of any protocol can be read.
  const codec = createCodec(createRegistry([runProtocol]))
  const origin = originOf(run)
  const measures = createMeasures(options.meter, { role: origin.role, accepts: new Map() })

  const contextOf = ({ peer, epoch }: Author): TurnContext => ({
    ...{ peer, epoch, nonce: random.hex(8), host: options.host, pid: options.pid },
    ...{ takenAt: clock.now(), now: clock.now(), resource: options.resource },
  })

  /** Whoever may write to a record now: its owner, under a lease that is borrowed for this look (K2). */
  async function authorOf({ owner, epoch }: Owned, look: Look): Promise<Author | undefined> {
    if (owner === null || owner === held.peer) {
      await held.assure()
      return held
    }
    const known = look.borrowed.get(owner)
    if (known !== undefined) {
      await known.assure()
      return known
    }
    const lease = await holdPeer(owner, { leases: bus.leases, clock, log, value: JSON.stringify({ run }) })
    if (lease !== undefined) look.borrowed.set(owner, lease)
    return lease ?? (look.force ? { peer: owner, epoch } : undefined)
  }

  /** Takes note of a message, so that its stake is in a record (K1). False while somebody else has to. */
  async function credit(envelope: Envelope, look: Look): Promise<boolean> {
    const { conversation } = envelope.to
    for (;;) {
      const current = await journal.read(conversation).catch(unreadable)
      if (current === 'unreadable') return false
      if (current !== undefined && hasSeen(current.record.seen, envelope.id)) return true
      const author = await authorOf(current?.record ?? NOBODYS, look)
      if (author === undefined || isFenced(current?.record, author)) return false
      const context = contextOf(author)
      if (current !== undefined && current.record.owner !== null) {
        const noted = credited(current.record, envelope, context)
        const written = await journal.commit(noted, current.revision)
        if (written === undefined) continue
        options.spans.emit(written.record.spans)
        measures.committed({ ...written.record, outbox: [] }) // which was its owner's commit
        return true
      }
      const closed = ended(current?.record, envelope, { reason: look.reason, context })
      if (await conclude(await journal.commit(closed, current?.revision ?? 0), author)) return true
    }
  }

  /** Sends what a record that was closed here sends, and crosses it off. False where somebody was faster. */
  async function conclude(committed: Committed | undefined, author: Author): Promise<boolean> {
    if (committed === undefined) return false
    const { record, revision } = committed
    options.spans.emit(record.spans)
    measures.committed(record)
    for (const { mailbox, message } of record.outbox) {
      await bus.mailboxes.put(mailbox, codec.encode(message), {
        dedup: `${message.id}@${record.turn}>${mailboxSubject(mailbox)}`,
      })
    }
    const rest = settled(record, contextOf(author))
    if (rest !== undefined) await journal.commit(rest, revision)
    return true
  }

  /**
   * A record that somebody has to host. It is taken over first, so that its owner, where it lives after all, finds
   * itself fenced (T4). Its outbox may be on its way or not, so what is in it is credited.
   */
  async function close(conversation: ConversationId, look: Look): Promise<void> {
    const found = await journal.read(conversation)
    if (found === undefined || found.record.owner === null) return
    const author = await authorOf(found.record, look)
    if (author === undefined || isFenced(found.record, author)) return
    const current = await journal.commit(takenOver(found.record, contextOf(author)), found.revision)
    if (current === undefined) return // somebody else was faster: the next look sees what is left
    options.spans.emit(current.record.spans)
    measures.tookOver(current.record)
    for (const { message } of current.record.outbox) if (!(await credit(message, look))) return
    const { reason } = look
    const closed = ended(current.record, undefined, { reason, context: contextOf(author) })
    // Where it was credited meanwhile, the next look closes it.
    await conclude(await journal.commit(closed, current.revision), author)
  }

  /** Mail of the run, in whatever mailbox but the origin's, delivered or not, and what lies on its blackboard. */
  async function mail(): Promise<readonly Envelope[]> {
    const found = (await lyingOn(bus.records, run)).flatMap((frame) => envelopeIn(codec, frame) ?? [])
    await bus.mailboxes.sweep((mailbox, frame) => {
      const envelope = envelopeIn(codec, frame)
      const isOrigins = mailbox.kind === 'peer' && mailbox.peer === origin.peer
      if (envelope?.run === run && !isOrigins) found.push(envelope)
      return false
    })
    return found
  }

  return {
    async look(reason, force) {
      const look: Look = { reason, force, borrowed: new Map() }
      try {
        await lookAround(look)
      } finally {
        for (const lease of look.borrowed.values()) await lease.release().catch(() => {}) // then it runs out
      }
    },
  }

  async function lookAround(look: Look): Promise<void> {
    const records = (await bus.records.latest(runPrefix(run))).flatMap(
      ({ value }) => readableRecord(value) ?? [],
    )
    for (const { owner, conversation } of records) {
      if (owner !== null && owner !== held.peer) await close(conversation, look)
    }
    const credits = new Set<MessageId>()
    for (const envelope of await mail()) if (await credit(envelope, look)) credits.add(envelope.id)
    if (credits.size === 0) return
    const removed = await bus.mailboxes.sweep((_, frame) => {
      const envelope = envelopeIn(codec, frame)
      return envelope !== undefined && runOf(envelope.to.conversation) === run && credits.has(envelope.id)
    })
    log.info('mail of a run that ends was closed', { run, messages: removed })
  }
}

/** T4: a later incarnation of the same peer has written there. */
const isFenced = (record: ConversationRecord | undefined, { peer, epoch }: Author): boolean =>
  record?.by.peer === peer && record.epoch > epoch

function unreadable(error: unknown): 'unreadable' {
  if (error instanceof InvalidError) return 'unreadable'
  throw error
}

/** Undefined for what cannot be read. */
function envelopeIn(codec: Codec, frame: Frame): Envelope | undefined {
  try {
    return codec.decode(frame)
  } catch (error) {
    if (error instanceof UndeliverableError) return error.envelope
    throw error
  }
}
