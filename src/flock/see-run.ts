/**
 * Seeing a run to its end from wherever, or having it end. Whoever does may host its origin meanwhile, since there may
 * be nobody else: so a run can be cancelled where no process of it is alive any more.
 */
import type { RunId } from '../../protocols/ids.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { adoptOrigins } from '../run/adopt-origins.ts'
import { endRun, type Verdict } from '../run/change-run.ts'
import { readRun } from '../run/run-record.ts'
import { followRuns } from '../run/run-states.ts'
import { type RunEnd, watchRun } from '../run/watch-run.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { FlockError } from './errors.ts'

export type SeeRunOptions = {
  readonly onCommit?: ((record: ConversationRecord) => void) | undefined
  /** Ends the watching, not the run. */
  readonly signal: AbortSignal
}

/** @throws FlockError `flock.no-run`; UnavailableError */
export async function knownRun({ bus }: Pick<ProcessPorts, 'bus'>, run: RunId) {
  const found = await readRun(bus.records, run)
  if (found !== undefined) return found.record
  throw new FlockError('no-run', `the bus knows no run "${run}": "skein runs" lists those that there are`)
}

/** Resolves when it is over; undefined where the signal came first. @throws as `knownRun` */
export async function seeRun(
  ports: ProcessPorts,
  run: RunId,
  options: SeeRunOptions,
): Promise<RunEnd | undefined> {
  await knownRun(ports, run)
  const runs = followRuns(ports.bus.records, ports.log)
  await runs.start()
  const adoption = adoptOrigins({ ...ports, runs, known: [] })
  adoption.hurry()
  try {
    return await watchRun({ bus: ports.bus, run, ...options })
  } finally {
    await adoption.stop()
    runs.stop()
  }
}

/**
 * Has a run end, and resolves when it is over: a run that is over already stays as it is.
 * @throws as `knownRun`; AmbiguousError
 */
export async function cancelRun(
  ports: ProcessPorts,
  run: RunId,
  { reason, ...options }: SeeRunOptions & { readonly reason: string },
): Promise<RunEnd | undefined> {
  const verdict: Verdict = { outcome: 'cancelled', reason }
  await endRun(ports.bus.records, run, verdict, ports.clock.now())
  return seeRun(ports, run, options)
}
