/** The run that is meant where none is named. */
import type { RunId } from '../../protocols/ids.ts'
import { FlockError } from '../../src/flock/errors.ts'
import { liveRuns } from '../../src/flock/live-runs.ts'
import { findBus } from '../../src/flock/open-bus.ts'
import { filedRuns } from '../../src/flock/run-report.ts'
import { readRun } from '../../src/run/run-record.ts'
import type { Settings } from './settings.ts'

/** Of those under way the one that began last, else of those that are filed. @throws FlockError `flock.no-run` */
export async function newestRun(settings: Settings): Promise<RunId> {
  const live = await runsUnderWay(settings).catch(() => []) // without a server there are none
  const run = live.sort().at(-1) ?? (await filedRuns(settings.stateDir))[0]
  if (run !== undefined) return run
  throw new FlockError('no-run', `there is no run in "${settings.stateDir}" yet: "skein run" makes one`)
}

/** Of those that are live; one that still gathers its peers has nothing to show. */
async function runsUnderWay(settings: Settings): Promise<RunId[]> {
  const { bus, leave } = await findBus({ ...settings, say: () => {} })
  try {
    const found = await Promise.all((await liveRuns(bus)).map((run) => readRun(bus.records, run)))
    return found.flatMap((one) => one?.record.run ?? [])
  } finally {
    await leave()
  }
}
