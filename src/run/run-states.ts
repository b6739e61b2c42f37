/**
 * What state each run is in, as its record says: one watch of the records of runs for all of a process. In a run that
 * is `ending` conversations are closed, not worked on; of one that is `over` nothing is written any more.
 */
import type { RunId } from '../../protocols/ids.ts'
import type { Records, RecordWatch } from '../bus/records.ts'
import type { Log } from '../log.ts'
import { decodeRun, type RunRecord, readRun } from './run-record.ts'

export interface RunStates {
  /** Looks the run up the first time, and is told of changes from then on. Undefined for a run without a record. */
  find(run: RunId): Promise<RunRecord | undefined>
  /** A record that somebody read, or wrote. */
  note(record: RunRecord): void
  /** It was removed, of which no watch tells. */
  forget(run: RunId): void
  /** As it was last heard of. One that was over long ago may have been forgotten, and is looked up by `find`. */
  known(run: RunId): RunRecord | undefined
  /** Runs that are not over, as far as is known. */
  underWay(): readonly RunRecord[]
  /** Tells every change of a run from now on. Returns how to stop. */
  follow(tell: (record: RunRecord) => void): () => void
  /** Begins to follow the records. */
  start(): Promise<void>
  stop(): void
}

const ORDER: Readonly<Record<RunRecord['state'], number>> = { open: 0, ending: 1, over: 2 }

/** Runs that are over and remembered, and runs without a record: the latest so many. */
export const REMEMBERED = 1_000

export function followRuns(records: Records, log: Log): RunStates {
  const known = new Map<RunId, RunRecord>()
  /** Those of them that are over, in the order of their end. */
  const over = new Set<RunId>()
  /** Looked up in vain. */
  const absent = new Set<RunId>()
  const followers = new Set<(record: RunRecord) => void>()
  let watch: RecordWatch | undefined

  function note(record: RunRecord): void {
    const before = known.get(record.run)
    if (before !== undefined && ORDER[before.state] >= ORDER[record.state]) return // an old read
    known.set(record.run, record)
    absent.delete(record.run)
    if (record.state === 'over') {
      over.add(record.run)
      const oldest = overflow(over)
      if (oldest !== undefined) known.delete(oldest)
    }
    for (const tell of followers) tell(record)
  }

  async function following(entries: RecordWatch): Promise<void> {
    for await (const { key, value } of entries) {
      try {
        note(decodeRun(value))
      } catch (error) {
        log.error('the record of a run could not be read and is left alone', { key, error: String(error) })
      }
    }
  }

  return {
    async find(run) {
      const found = known.get(run)
      if (found !== undefined || absent.has(run)) return found
      const read = await readRun(records, run)
      if (read !== undefined) note(read.record)
      else {
        absent.add(run)
        overflow(absent)
      }
      return known.get(run)
    },
    note,
    forget(run) {
      known.delete(run)
      over.delete(run)
    },
    known: (run) => known.get(run),
    underWay: () => [...known.values()].filter(({ state }) => state !== 'over'),
    follow(tell) {
      followers.add(tell)
      return () => void followers.delete(tell)
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

/** Takes the oldest one out where there are too many. */
function overflow(runs: Set<RunId>): RunId | undefined {
  const [oldest] = runs
  if (runs.size <= REMEMBERED || oldest === undefined) return undefined
  runs.delete(oldest)
  return oldest
}
