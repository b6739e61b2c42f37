/** What a private server forgets once a run is filed: nobody else cleans it. */
import type { RunId } from '../../protocols/ids.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { quotaKey } from '../run/quotas.ts'
import { claimsOf } from '../topology/claims.ts'
import { runPrefix } from '../turn/record.ts'
import { clean, KEPT_MS } from './clean.ts'

/** It may take so long. */
const TIDY_MS = 5_000

/**
 * Removes the journals of a run that is filed, and what older runs left on the private server. What cannot be removed
 * stays, and does no harm.
 */
export async function tidy(
  { bus, clock, log }: Pick<ProcessPorts, 'bus' | 'clock' | 'log'>,
  run: RunId,
): Promise<void> {
  const late = new AbortController()
  const timer = clock.setTimer(TIDY_MS, () => late.abort())
  try {
    await bus.records.purge(runPrefix(run))
    await bus.records.purge(quotaKey(run))
    await bus.records.purge(claimsOf(run))
    await clean({
      bus,
      clock,
      which: { olderMs: KEPT_MS },
      dryRun: false,
      say: () => {},
      signal: late.signal,
    })
  } catch (error) {
    log.warn('what runs left could not be removed', { run, error: String(error) })
  } finally {
    timer.cancel()
  }
}
