/** The journal of a world as it grows: each record is held against the invariants as it comes. */
import { behaviourOf } from '../role/behaviour.ts'
import { ORIGIN_ROLE, type OriginOutput, originBehaviour } from '../run/origin.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Breaches } from './breach.ts'
import type { SimulatedFlock } from './flock.ts'
import { createLedger } from './ledger.ts'
import { createReplay } from './replay.ts'
import { FIRST_MESSAGE, ORIGIN } from './run.ts'

export interface Chronicle {
  enter(record: ConversationRecord): void
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
  /** What the run's origin ended with. */
  output(): OriginOutput | undefined
  /** Nothing is pending and every message is taken. */
  isQuiet(): boolean
  /** What is not quiet, for people. */
  pending(): string
}

/** One turn in so many is taken again (T5). */
const REPLAYED = 5

/** @param offset which turns are taken again */
export function createChronicle(flock: SimulatedFlock, breaches: Breaches, offset: number): Chronicle {
  const ledger = createLedger(breaches, new Set([FIRST_MESSAGE]))
  const replay = createReplay(behavioursOf(flock), breaches)
  const journal: ConversationRecord[] = []

  return {
    journal,
    enter(record) {
      const before = ledger.last(record.conversation)
      if ((journal.length + offset) % REPLAYED === 0) replay.check(before, record)
      replay.keep(record)
      ledger.enter(record)
      journal.push(record)
    },
    output() {
      const origin = ledger.last(ORIGIN)
      return origin?.phase === 'closed' ? outputOf(origin) : undefined
    },
    isQuiet: () => ledger.unsettled().length === 0 && ledger.untaken().length === 0,
    pending() {
      const owned = ledger.unsettled().map(({ conversation, owner }) => `${conversation} (${owner})`)
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

const outputOf = ({ output, problem }: ConversationRecord): OriginOutput =>
  (output as OriginOutput | null) ?? { kind: 'failure', failure: 'error', reason: problem ?? 'no output' }
