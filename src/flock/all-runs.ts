/** All runs that can be known of here: those of the bus, and those that are filed in the state folder. */
import type { RunId } from '../../protocols/ids.ts'
import type { Outcome } from '../../protocols/run.ts'
import type { Bus } from '../bus/bus.ts'
import { openWaits } from '../people/open-waits.ts'
import type { RunRecord } from '../run/run-record.ts'
import { filedReport } from './file-once.ts'
import { knownRuns } from './known-runs.ts'
import { filedRuns } from './run-report.ts'

export type ListedRun = {
  readonly run: RunId
  readonly goal: string
  readonly state: RunRecord['state']
  readonly outcome: Outcome | null
  /** Whether somebody hosts its origin now. */
  readonly hosted: 'somebody' | null
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number | null
  readonly deadline: number | null
  /** How many of its calls and questions wait for a person. */
  readonly waiting: number
  /** Its report is in the state folder. */
  readonly filed: boolean
}

/** Newest first. @throws UnavailableError, AmbiguousError */
export async function allRuns(stateDir: string, bus?: Bus): Promise<readonly ListedRun[]> {
  const listed = new Map<RunId, ListedRun>()
  for (const run of await filedRuns(stateDir)) {
    // What cannot be read keeps nobody from seeing the others.
    const report = await filedReport(stateDir, run).catch(() => undefined)
    if (report === undefined) continue
    const { goal, outcome, startedAt, durationMs } = report
    listed.set(run, {
      ...{ run, goal, outcome, startedAt, state: 'over', hosted: null, deadline: null, filed: true },
      waiting: 0,
      endedAt: startedAt + durationMs,
    })
  }
  const waits = bus === undefined ? [] : await openWaits(bus.records)
  for (const { run, record, live } of bus === undefined ? [] : (await knownRuns(bus)).values()) {
    if (record === undefined) continue
    const { goal, state, outcome, startedAt, endedAt, deadline } = record
    const hosted = live ? 'somebody' : null
    const filed = listed.has(run)
    const waiting = waits.filter((wait) => wait.run === run).length
    listed.set(run, { run, goal, state, outcome, hosted, startedAt, endedAt, deadline, waiting, filed })
  }
  return [...listed.values()].sort((a, b) => b.startedAt - a.startedAt)
}
