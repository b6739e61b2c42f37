/**
 * Seeing a run to its end from wherever, or having it end. Whoever does may host its origin meanwhile, since there may
 * be nobody else: so a run can be cancelled where no process of it is alive any more.
 */
import type { RunId } from '../../protocols/ids.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { adoptOrigins } from '../run/adopt-origins.ts'
import { type Conclusion, endRun } from '../run/change-run.ts'
import { readRun } from '../run/run-record.ts'
import { followRuns } from '../run/run-states.ts'
import { type RunEnd, watchRun } from '../run/watch-run.ts'
import { type ConversationRecord, decodeRecord, runPrefix } from '../turn/record.ts'
import { createBacklog } from './backlog.ts'
import { FlockError } from './errors.ts'
import { readable } from './readable.ts'
import { watchUnattended } from './unattended.ts'

export type SeeRunOptions = {
  readonly onCommit?: ((record: ConversationRecord) => void) | undefined
  /** Takes a line for people when nobody is there to go on with the run, and when somebody is back. */
  readonly say?: ((text: string) => void) | undefined
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
  { onCommit, say, signal }: SeeRunOptions,
): Promise<RunEnd | undefined> {
  const { bus } = ports
  await knownRun(ports, run)
  const runs = followRuns(bus.records, ports.log)
  await runs.start()
  const adoption = adoptOrigins({ ...ports, runs, known: [] })
  adoption.hurry()
  const backlog = createBacklog()
  const unattended = say && watchUnattended({ ...ports, work: backlog.work, say })
  try {
    // A watch begins with the last commits only, which do not tell what was sent before and waits still.
    const commits = await bus.records.watch(runPrefix(run))
    const before = unattended === undefined ? [] : await bus.records.history(runPrefix(run))
    for (const { value } of before)
      for (const record of readable(() => decodeRecord(value))) backlog.take(record)
    const take = (record: ConversationRecord) => {
      backlog.take(record)
      onCommit?.(record)
    }
    return await watchRun({ bus, run, commits, onCommit: take, signal })
  } finally {
    await unattended?.stop()
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
  const conclusion: Conclusion = { outcome: 'cancelled', reason }
  await endRun(ports.bus.records, run, conclusion, ports.clock.now())
  return seeRun(ports, run, options)
}
