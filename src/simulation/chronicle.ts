/** The journal of a world as it grows: each record is held against the invariants as it comes. */
import { behaviourOf } from '../role/behaviour.ts'
import { outputOf } from '../run/conclusion.ts'
import { type OriginOutput, originBehaviour } from '../run/origin.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import type { Quota } from '../run/quota.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Breaches } from './breach.ts'
import type { SimulatedFlock } from './flock.ts'
import { createLedger } from './ledger.ts'
import { createReplay, type Replay } from './replay.ts'
import { FIRST_MESSAGE, ORIGIN } from './run.ts'

export interface Chronicle {
  /** A commit, as it was written at a time: processes' own clocks may be wrong. */
  enter(record: ConversationRecord, at: number): void
  /** The record of the run, as it was written at a time. */
  enterRun(record: RunRecord, at: number): void
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
  /** The quota of the run, as it was written. */
  enterQuota(quota: Quota): void
  /** What the run's origin ended with. */
  output(): OriginOutput | undefined
  /** The run's record, once its end is announced. */
  end(): RunRecord | undefined
  /** How long after the last turn of anybody but its origin the end was announced, in milliseconds. */
  detectionMs(): number | undefined
  /** What is booked on the run's quota; undefined where it has none. */
  spent(): Quota['spent'] | undefined
  /** What is not quiet, for people. */
  pending(): string
}

/** One turn in so many is taken again (T5). */
const REPLAYED = 5

/** @param offset which turns are taken again */
export function createChronicle(flock: SimulatedFlock, breaches: Breaches, offset: number): Chronicle {
  const ledger = createLedger(breaches, new Set([FIRST_MESSAGE]))
  const behaviours = behavioursOf(flock)
  let replay: Replay | undefined
  const journal: ConversationRecord[] = []
  let closing: ConversationRecord | undefined
  let end: RunRecord | undefined
  let detectionMs: number | undefined
  let spent: Quota['spent'] | undefined
  /** When anybody but the origin took a turn last. */
  let lastTurnAt: number | undefined

  return {
    journal,
    enterRun(record, at) {
      ledger.enterRun(record)
      replay ??= createReplay(behaviours, breaches, record)
      if (record.state !== 'over' || end !== undefined) return
      end = record
      detectionMs = at - (lastTurnAt ?? at)
    },
    enterQuota(quota) {
      ledger.enterQuota(quota)
      spent = quota.spent
    },
    spent: () => spent,
    end: () => end,
    detectionMs: () => detectionMs,
    enter(record, at) {
      const before = ledger.last(record.conversation)
      if ((journal.length + offset) % REPLAYED === 0) replay?.check(before, record)
      replay?.keep(record)
      ledger.enter(record)
      journal.push(record)
      if (record.conversation !== ORIGIN && record.took.event !== 'settled') lastTurnAt = at
      if (record.conversation === ORIGIN && record.phase === 'closed') closing ??= record
    },
    output: () => outputOf(closing),
    pending() {
      const owned = ledger.active().map(({ conversation, owner }) => `${conversation} (${owner})`)
      const untaken = ledger.untaken()
      return [
        ...(owned.length > 0 ? [`pending: ${owned.join(', ')}`] : []),
        ...(untaken.length > 0 ? [`not taken: ${untaken.join(', ')}`] : []),
      ].join('; ')
    },
  }
}

const behavioursOf = ({ crew, start }: SimulatedFlock) =>
  new Map([
    ...crew.map(({ role }) => [role.name, behaviourOf(role)] as const),
    [ORIGIN_ROLE, originBehaviour(start.message, start.answers)] as const,
  ])
