/** A run that is over, counted by who announced it. */
import type { Meter } from '../../traces/meter.ts'
import { METRIC } from '../../traces/metrics.ts'
import { SKEIN } from '../../traces/names.ts'
import type { RunRecord } from './run-record.ts'

type Over = Pick<RunRecord, 'outcome' | 'startedAt' | 'endedAt'>

export function measureRun(meter: Meter | undefined, { outcome, startedAt, endedAt }: Over): void {
  if (meter === undefined || outcome === null || endedAt === null) return
  const of = { [SKEIN.outcome]: outcome }
  meter.add(METRIC.runs, 1, of)
  meter.record(METRIC.run, Math.max(0, endedAt - startedAt) / 1_000, of)
}
