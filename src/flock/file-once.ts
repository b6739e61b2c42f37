/**
 * Filing a run once, though several processes of one project may see its end: the one that started it, who waits for
 * it, who cancelled it. Who comes later takes what is filed: what was on the bus may be removed by then.
 */
import { join, resolve } from 'node:path'
import type { RunId } from '../../protocols/ids.ts'
import { withLock } from '../embedded/lock.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { FlockError } from './errors.ts'
import { filedRuns, type RunReport, readReport } from './run-report.ts'
import { makeStateFolder } from './state-folder.ts'

export type FileOnceOptions = {
  readonly stateDir: string
  readonly run: RunId
  readonly clock: Clock
  readonly random: Random
}

/** Undefined where it is not filed here. */
export async function filedReport(stateDir: string, run: RunId): Promise<RunReport | undefined> {
  return (await filedRuns(stateDir)).includes(run)
    ? readReport(stateDir, run).catch((error) => {
        // A folder without a report is of a run that is not over.
        if (error instanceof FlockError) return undefined
        throw error
      })
    : undefined
}

/** @throws FlockError `flock.state`; EmbeddedNatsError `embedded.busy`; what `file` throws */
export async function fileOnce(
  { stateDir, run, ...options }: FileOnceOptions,
  file: () => Promise<RunReport>,
): Promise<RunReport> {
  await makeStateFolder(stateDir)
  const lock = join(resolve(stateDir), 'filing')
  return withLock(lock, options, async () => (await filedReport(stateDir, run)) ?? file())
}
