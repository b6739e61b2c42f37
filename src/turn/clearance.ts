/**
 * What a host does with conversations of a run that ends or has ended: they are closed without asking a machine, so that
 * their stake goes home, and what they had pending here is forgotten.
 */
import { type ConversationId, type PeerId, runOf } from '../../protocols/ids.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import type { RunStates } from '../run/run-states.ts'
import type { Alarms } from './alarms.ts'
import { ended } from './closing.ts'
import type { TurnContext } from './draft.ts'
import type { Holdings } from './holdings.ts'
import type { Committed, Journal } from './journal.ts'
import type { ConversationRecord } from './record.ts'
import type { Running } from './running.ts'
import { hasSeen } from './seen.ts'
import { envelopeOf, type TurnInput } from './turn-input.ts'

export type ClearanceOptions = {
  readonly peer: PeerId
  readonly journal: Journal
  readonly holdings: Holdings
  readonly running: Running
  readonly alarms: Alarms
  readonly runs: RunStates
  readonly context: () => TurnContext
  /** Where the mail of a conversation belongs, unless it is here. */
  readonly elsewhere: (record: ConversationRecord) => Mailbox | undefined
  /** Publishes what the commit sends. */
  readonly follow: (committed: Committed) => Promise<void>
  /** There may be room for other work. */
  readonly wake: () => void
}

export interface Clearance {
  /** R4: nothing is written to a conversation whose run is over. */
  drop(conversation: ConversationId): undefined
  /**
   * Closes a conversation whose run ends, and takes note of a message of it: their stake goes home.
   * Answers the mailbox to which the message is to be forwarded, where it is not for us.
   */
  close(conversation: ConversationId, input?: TurnInput): Promise<Mailbox | undefined>
  /** Whatever is left of a conversation whose run ends or has ended. */
  finish(conversation: ConversationId): Promise<unknown>
}

export function createClearance(options: ClearanceOptions): Clearance {
  const { peer, journal, holdings, running, alarms, runs } = options

  function drop(conversation: ConversationId): undefined {
    holdings.forget(conversation)
    running.forget(conversation)
    alarms.forget(conversation)
    options.wake()
  }

  async function close(conversation: ConversationId, input?: TurnInput): Promise<Mailbox | undefined> {
    const envelope = input && envelopeOf(input)
    for (;;) {
      const current = await holdings.load(conversation)
      const record = current?.record
      // Nobody's: whoever has its mail in hand may close it.
      if (record !== undefined && record.owner !== null && record.owner !== peer)
        return options.elsewhere(record)
      const isNews = envelope !== undefined && !(record && hasSeen(record.seen, envelope.id))
      // R4: what is idle holds no stake, so the run may be over by now; it has nothing to close either.
      if (!isNews && (record?.owner ?? null) === null) return drop(conversation)
      const run = runs.known(runOf(conversation))
      const reason = `its run ended: ${run?.reason ?? run?.outcome ?? 'it was stopped'}`
      const closed = ended(record, isNews ? envelope : undefined, { reason, context: options.context() })
      const committed = await journal.commit(closed, current?.revision ?? 0)
      if (committed === undefined) {
        holdings.forget(conversation)
        continue
      }
      holdings.remember(committed)
      await options.follow(committed)
      return undefined
    }
  }

  const finish = async (conversation: ConversationId): Promise<unknown> =>
    runs.known(runOf(conversation))?.state === 'over' ? drop(conversation) : close(conversation)

  return { drop, close, finish }
}
