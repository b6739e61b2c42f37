/** The runs that a bus knows of, and since when they are over. */
import type { RunId } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import { decodeRun, type RunRecord } from '../run/run-record.ts'
import { hostedRuns } from './live-runs.ts'
import { readable } from './readable.ts'
import { runOfKey } from './run-records.ts'

export type KnownRun = {
  readonly run: RunId
  /** Undefined before it is written, and where this version cannot read it. */
  readonly record: RunRecord | undefined
  /** Somebody holds its origin: who started it lives, and may still be reading what it left. */
  readonly live: boolean
}

export type KnownRuns = ReadonlyMap<RunId, KnownRun>

/** @throws UnavailableError, AmbiguousError */
export async function knownRuns({ records, leases }: Bus): Promise<KnownRuns> {
  const found = await records.latest('run')
  const live = await hostedRuns(leases)
  const announced = live.map((run): KnownRun => ({ run, record: undefined, live: true }))
  const recorded = found.flatMap(({ key, value }): KnownRun[] => {
    const run = runOfKey(key)
    const [record] = readable(() => decodeRun(value))
    return run === undefined ? [] : [{ run, record, live: live.includes(run) }]
  })
  return new Map([...announced, ...recorded].map((one) => [one.run, one]))
}

/**
 * Since when a run is over, in milliseconds since 1970; undefined while it is under way. One that never said so is over
 * since its deadline: who started it was killed.
 */
export function overSince({ record, live }: KnownRun, now: number): number | undefined {
  if (record === undefined || live) return undefined
  if (record.state === 'over') return record.endedAt ?? record.deadline
  return record.deadline <= now ? record.deadline : undefined
}
