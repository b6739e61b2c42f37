/** Which runs are over, as their records say: what is left of such a run is closed, not worked on. */
import type { RunId } from '../../protocols/ids.ts'
import type { Records, RecordWatch } from '../bus/records.ts'
import type { Log } from '../log.ts'
import { decodeRun, readRun } from './run-record.ts'

export interface OverRuns {
  /** Looks the run up the first time, and is told of changes from then on. A run without a record is not over. */
  isOver(run: RunId): Promise<boolean>
  /** Begins to follow the records. */
  start(): Promise<void>
  stop(): void
}

/** @param onOver is told of each run that is over now */
export function followRuns(records: Records, log: Log, onOver: (run: RunId) => void): OverRuns {
  const known = new Map<RunId, boolean>()
  let watch: RecordWatch | undefined

  function note(run: RunId, over: boolean): void {
    const before = known.get(run)
    known.set(run, over)
    if (over && before !== true) onOver(run)
  }

  async function following(entries: RecordWatch): Promise<void> {
    for await (const { value } of entries) {
      try {
        const { run, state } = decodeRun(value)
        note(run, state === 'over')
      } catch (error) {
        log.error('the record of a run could not be read and is left alone', { error: String(error) })
      }
    }
  }

  return {
    async isOver(run) {
      if (!known.has(run)) {
        const found = await readRun(records, run)
        if (!known.has(run)) known.set(run, found?.record.state === 'over')
      }
      return known.get(run) ?? false
    },
    async start() {
      watch = await records.watch('run')
      void following(watch).catch((error) =>
        log.error('the watch of the runs broke off', { error: String(error) }),
      )
    },
    stop: () => watch?.close(),
  }
}
