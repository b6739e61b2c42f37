/**
 * The report of a run that was not started here, or not seen to its end, from what the bus has of it: it is filed, as
 * the run itself would have been.
 */
import { access } from 'node:fs/promises'
import type { ProcessPorts } from '../peer/process.ts'
import { endOf, type RunEnd } from '../run/watch-run.ts'
import { FlockError } from './errors.ts'
import { fileOnce } from './file-once.ts'
import { fileRun } from './file-run.ts'
import type { OpenBus } from './open-bus.ts'
import type { RunReport } from './run-report.ts'
import { logFolder } from './state-folder.ts'
import { tidy } from './tidy.ts'

export type ReportPorts = Pick<ProcessPorts, 'bus' | 'clock' | 'random' | 'log'> & {
  readonly kind: OpenBus['kind']
  readonly stateDir: string
}

/** Files what is left of a run that is over. @throws FlockError `flock.no-journal` where it was removed already */
export const fileEnd = (end: RunEnd, ports: ReportPorts): Promise<RunReport> =>
  fileOnce({ ...ports, run: end.record.run }, () => file(end, ports))

async function file(end: RunEnd, ports: ReportPorts): Promise<RunReport> {
  const { bus, kind, stateDir } = ports
  const { record, journal } = end
  if (journal.length === 0)
    throw new FlockError(
      'no-journal',
      `run "${record.run}" is over (${record.outcome}), and what it left was removed: its files are where it was started`,
    )
  const logs = logFolder(stateDir, record.run)
  const hasLogs = await access(logs).then(
    () => true,
    () => false,
  )
  const around = { peers: [], model: record.model, bus: kind, logs: hasLogs ? logs : null }
  const prices = record.prices ?? undefined
  const report = await fileRun({ stateDir, end, bus, sampled: record.sampled, prices, around })
  if (kind === 'embedded') await tidy(ports, record.run)
  return report
}

/** The report of a run that is over on the bus. @throws as `fileEnd`; UnavailableError */
export const reportOf = async (record: RunEnd['record'], ports: ReportPorts): Promise<RunReport> =>
  fileEnd(await endOf(ports.bus, record), ports)
