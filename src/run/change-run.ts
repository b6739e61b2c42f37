/**
 * How the record of a run changes: open → ending → over, each once, by compare-and-set. Whoever finds that somebody
 * else was faster takes what stands there.
 */
import type { RunId } from '../../protocols/ids.ts'
import type { Outcome } from '../../protocols/run.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { Records } from '../bus/records.ts'
import { encodeRun, type RunRecord, readRun, runKey } from './run-record.ts'

/** How a run ended, and why. */
export type Conclusion = { readonly outcome: Outcome; readonly reason: string | null }

/** Times that a change is made again: it was not answered, or others were faster. A run changes twice at most. */
const TRIES = 5

/**
 * Has a run end: its conversations are closed, wherever they are, and it is over when they are. A run that ends
 * already, or is over, is left as it is. Undefined where the bus knows no such run.
 * @throws AmbiguousError, UnavailableError, ConflictError
 */
export const endRun = (records: Records, run: RunId, conclusion: Conclusion, now: number) =>
  changeRun(records, run, (record) =>
    record.state === 'open' ? { ...record, ...conclusion, state: 'ending', endingAt: now } : undefined,
  )

/** Announces the end of a run (R4: once). @throws AmbiguousError, UnavailableError */
export const announceEnd = (
  records: Records,
  run: RunId,
  end: Conclusion & Pick<RunRecord, 'writtenOff' | 'announced'>,
  now: number,
) =>
  changeRun(records, run, (record) =>
    record.state === 'over' ? undefined : { ...record, ...end, state: 'over', endedAt: now },
  )

/** @param change answers undefined where there is nothing to change */
async function changeRun(
  records: Records,
  run: RunId,
  change: (record: RunRecord) => RunRecord | undefined,
): Promise<RunRecord | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await readRun(records, run)
    const next = found && change(found.record)
    if (found === undefined || next === undefined) return found?.record
    try {
      await records.append(runKey(run), encodeRun(next), found.revision)
      return next
    } catch (error) {
      // Read again: it stands there, or what to do is decided anew.
      const mayRead = error instanceof ConflictError || error instanceof AmbiguousError
      if (!mayRead || attempt >= TRIES) throw error
    }
  }
}
