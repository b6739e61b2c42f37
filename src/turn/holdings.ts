/**
 * What a host holds: the records of the conversations that are its peer's, as it last committed them. Whatever is its
 * peer's and not known here is taken over before anything else happens to it (T4).
 */

import { SkeinError } from '../../protocols/errors.ts'
import type { ConversationId, PeerId } from '../../protocols/ids.ts'
import type { SpanSink } from '../../traces/span.ts'
import { UnavailableError } from '../bus/errors.ts'
import type { Log } from '../log.ts'
import type { TurnContext } from './draft.ts'
import type { Committed, Journal } from './journal.ts'
import type { Measures } from './measures.ts'
import type { ConversationRecord } from './record.ts'
import { takenOver } from './takeover.ts'

export type HoldingsOptions = {
  readonly journal: Journal
  readonly peer: PeerId
  readonly epoch: number
  readonly spans: SpanSink
  readonly measures: Measures
  readonly log: Log
  readonly context: () => TurnContext
  /** The record as this version of the machine takes it. @throws VersionError */
  readonly upgrade: (record: ConversationRecord) => ConversationRecord
  /** Does what follows a commit that was not made here just now: publishes, settles, starts effects and timers. */
  readonly follow: (committed: Committed) => Promise<void>
  /** A later incarnation of this peer is at work: this one stops. */
  readonly onFenced: (error: FencedError) => void
}

export interface Holdings {
  /**
   * The record as it stands. One that is this peer's and not known here was written by an earlier incarnation, or by a
   * commit of our own whose answer never came: it is taken over. What its last commit sends is out once this has
   * answered (T2).
   * @throws FencedError
   */
  load(conversation: ConversationId): Promise<Committed | undefined>
  /** As it is known here. */
  known(conversation: ConversationId): Committed | undefined
  /** Something was committed here: its spans are out, and it is held while it is this peer's. */
  remember(committed: Committed): void
  /** What the last commit sends is out; nothing else follows from it. */
  published(conversation: ConversationId): void
  /** The fate of a commit of ours is unknown: what stands there is taken over anew before anything follows from it. */
  doubt(conversation: ConversationId): void
  /** It is somebody else's by now, or nobody's. */
  forget(conversation: ConversationId): void
  /** Whether what stands at this revision, or an earlier one, was written or taken over here. */
  isOurs(conversation: ConversationId, revision: number): boolean
  /** What is held. */
  records(): readonly ConversationRecord[]
}

/** Conversations remembered after they were parked, so that one's own commits, as the watch brings them, are known. */
const PARKED_LIMIT = 4_096

/** A read that lacks what was committed here: hosting that would do again what was done since. */
const stale = (conversation: ConversationId) =>
  new UnavailableError(`the record of ${conversation} was read as it was before our own commit: try again`)

/** Another incarnation of the peer has a later epoch. */
export class FencedError extends SkeinError {
  constructor(peer: PeerId, epoch: number, later: number) {
    super(
      'host.fenced',
      `peer "${peer}" of epoch ${epoch} is fenced: epoch ${later} hosts it now; this process must leave`,
    )
  }
}

export function createHoldings(options: HoldingsOptions): Holdings {
  const { journal, peer, epoch, log, context, follow, measures } = options
  const owned = new Map<ConversationId, Committed>()
  /** Committed, and their outbox not yet confirmed as published. */
  const unpublished = new Set<ConversationId>()
  const doubtful = new Set<ConversationId>()
  /** The last revisions written here of conversations that nobody owns since, the oldest first. */
  const parked = new Map<ConversationId, number>()

  async function load(conversation: ConversationId): Promise<Committed | undefined> {
    const known = owned.get(conversation)
    if (known !== undefined && !unpublished.has(conversation)) return known
    const current = known ?? (await journal.read(conversation))
    if ((current?.revision ?? 0) < (parked.get(conversation) ?? 0)) throw stale(conversation)
    // Nobody's by now, and a later incarnation of this peer was at it: this one is done for (T4).
    if (current?.record.by.peer === peer && current.record.epoch > epoch) throw fenced(current.record)
    if (current === undefined || current.record.owner !== peer) return current
    const ours = known ?? (await takeOver(current))
    if (ours === undefined) return load(conversation)
    await follow(ours)
    return owned.get(conversation) ?? (await journal.read(conversation))
  }

  /** Undefined where somebody committed meanwhile. @throws FencedError */
  async function takeOver({ record, revision }: Committed): Promise<Committed | undefined> {
    if (record.epoch > epoch) throw fenced(record)
    const ours =
      record.epoch === epoch && !doubtful.has(record.conversation)
        ? { record, revision }
        : await journal.commit(takenOver(options.upgrade(record), context()), revision)
    if (ours === undefined) return undefined
    doubtful.delete(record.conversation)
    if (record.epoch < epoch) measures.tookOver(record)
    log.info('took over a conversation', {
      conversation: record.conversation,
      outbox: record.outbox.length,
    })
    remember(ours)
    return ours
  }

  function fenced(record: ConversationRecord): FencedError {
    const error = new FencedError(peer, epoch, record.epoch)
    log.error(error.message, { conversation: record.conversation })
    options.onFenced(error)
    return error
  }

  function remember(committed: Committed): void {
    const { record } = committed
    options.spans.emit(record.spans)
    measures.committed(record)
    if (record.owner === peer) owned.set(record.conversation, committed)
    else park(committed)
    if (record.outbox.length > 0) unpublished.add(record.conversation)
  }

  function park({ record: { conversation }, revision }: Committed): void {
    owned.delete(conversation)
    parked.delete(conversation)
    parked.set(conversation, revision)
    if (parked.size <= PARKED_LIMIT) return
    const [oldest] = parked.keys()
    parked.delete(oldest!)
  }

  return {
    load,
    remember,
    known: (conversation) => owned.get(conversation),
    published: (conversation) => void unpublished.delete(conversation),
    doubt(conversation) {
      doubtful.add(conversation)
      owned.delete(conversation)
      unpublished.delete(conversation)
    },
    forget(conversation) {
      owned.delete(conversation)
      unpublished.delete(conversation)
    },
    isOurs: (conversation, revision) =>
      (owned.get(conversation)?.revision ?? parked.get(conversation) ?? 0) >= revision,
    records: () => [...owned.values()].map(({ record }) => record),
  }
}
