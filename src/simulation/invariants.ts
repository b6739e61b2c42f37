/** The invariants of the design that can be read off the journal, checked after every step. */
import { SkeinError } from '../../protocols/errors.ts'
import { partsOf } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../turn/record.ts'

/** What the world saw besides the journal. */
export type Observed = {
  /** `<conversation> <effect>` of every outcome that is committed. */
  readonly outcomes: Set<string>
  /** Those of them whose effect was started again afterwards. */
  readonly bought: string[]
}

/** An effect was started: noted if its outcome stands in the journal already. */
export function observe(observed: Observed, record: ConversationRecord, effect: string): void {
  const key = `${record.conversation} ${effect}`
  if (observed.outcomes.has(key)) observed.bought.push(key)
}

export class SimulationError extends SkeinError {
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super('simulation.broken', `${invariant} is broken: ${message}`)
    this.invariant = invariant
  }
}

/** @param journal every commit of the run, in order */
export function checkWorld(journal: readonly ConversationRecord[], observed: Observed): void {
  const taken = new Set<string>()
  const last = new Map<string, ConversationRecord>()
  const sent = new Set<string>()
  const [bought] = observed.bought
  if (bought !== undefined)
    throw new SimulationError('T3', `${bought} was started again after its outcome was committed`)
  for (const record of journal) {
    const before = last.get(record.conversation)
    const { id } = record.took
    if (id !== undefined) {
      const key = `${record.conversation} ${id}`
      if (taken.has(key)) throw new SimulationError('T1', `${record.conversation} took ${id} twice`)
      taken.add(key)
      if (!id.includes('>')) observed.outcomes.add(key)
      if (id.includes('>') && !id.startsWith('sim/submit>') && !sent.has(id)) {
        throw new SimulationError(
          'T2',
          `${record.conversation} took ${id}, which ${partsOf(id as never).from} had not committed`,
        )
      }
    }
    if (
      before !== undefined &&
      before.owner !== null &&
      record.owner !== null &&
      before.owner === record.owner &&
      record.epoch < before.epoch
    ) {
      throw new SimulationError(
        'T4',
        `epoch ${record.epoch} committed to ${record.conversation} after epoch ${before.epoch}`,
      )
    }
    if (before?.phase === 'closed' && record.phase === 'open')
      throw new SimulationError('T1', `${record.conversation} was opened again`)
    for (const { message } of record.outbox) sent.add(message.id)
    last.set(record.conversation, record)
  }
}
