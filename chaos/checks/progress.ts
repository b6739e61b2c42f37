/** Whether the run went on: what died is made good within the bound for adoption, whatever died. */
import type { RunId } from '../../protocols/ids.ts'
import { type Journal, silenceIn } from '../journal.ts'
import type { Finding } from './finding.ts'

/** On top of the bound: for the work itself, on a busy machine, and for servers to agree on a leader. */
const WORK_S = 15

export function checkProgress(run: RunId, journal: Journal, adoptionS: number): Finding[] {
  const { seconds, since } = silenceIn(journal)
  const most = adoptionS + WORK_S
  if (seconds <= most) return []
  const seen = `${run} did nothing for ${seconds.toFixed(1)} s after ${new Date(since).toISOString()}`
  return [{ check: 'a run goes on within a bound', expected: `a commit every ${most} s`, seen }]
}
