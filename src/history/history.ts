/**
 * The history of a run: all that was committed to its conversations, in an order in which nothing comes before what led
 * to it. That is the order of the journal: a message leaves once its sender's commit stands there, and who takes it
 * commits after that, whatever the clocks of their hosts say.
 *
 * A conversation that is over leaves a tombstone as its last record. The records before it stay, until the run is
 * removed.
 */
import { SkeinError } from '../../protocols/errors.ts'
import type { RunId } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import { type RunRecord, readRun } from '../run/run-record.ts'
import { type ConversationRecord, readableRecord, runPrefix } from '../turn/record.ts'

export type RunHistory = {
  readonly run: RunRecord
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
  /** Commits that this version of skein cannot read. */
  readonly unreadable: number
}

export class HistoryError extends SkeinError {
  constructor(code: 'no-run' | 'no-journal', message: string, options?: ErrorOptions) {
    super(`history.${code}`, message, options)
  }
}

/**
 * From a bus, as of now: of a run that is under way, what is committed.
 * @throws HistoryError; InvalidError `invalid.run`; UnavailableError
 * @example
 * const history = await readHistory(bus, run)
 * for (const step of stepsOf(history)) console.log(step.number, step.record.took.to)
 */
export async function readHistory({ records }: Pick<Bus, 'records'>, run: RunId): Promise<RunHistory> {
  const found = await readRun(records, run)
  if (found === undefined) throw new HistoryError('no-run', `the bus knows no run "${run}"`)
  const entries = await records.history(runPrefix(run))
  const journal = entries.flatMap(({ value }) => readableRecord(value) ?? [])
  const { record } = found
  if (journal.length === 0 && record.state === 'over')
    throw new HistoryError(
      'no-journal',
      `run "${run}" is over (${record.outcome}), and the records of its conversations were removed from the bus: where it was filed they are among its files`,
    )
  return { run: record, journal, unreadable: entries.length - journal.length }
}
