/** Processes that slept for longer than their leases live: each finds out, says so, and does nothing under its old ones. */
import type { Pause } from '../crew.ts'
import type { Journal } from '../journal.ts'
import { TEXT } from '../log-line.ts'
import type { Finding } from './finding.ts'

/** @param signal ends the waiting for what they say */
export async function checkPauses(
  pauses: readonly Pause[],
  journals: readonly Journal[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings = await Promise.all(pauses.map((pause) => checkPause(pause, journals.flat(), signal)))
  return findings.flat()
}

async function checkPause(
  { child, epochs, resumedAt, line }: Pause,
  commits: Journal,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const late = commits.filter(
    ({ record: { by, epoch }, storedAt }) =>
      by.pid === child.pid && epochs.includes(epoch) && storedAt > resumedAt,
  )
  for (const { record } of late) {
    const seen = `${child.name} (${record.by.peer}, epoch ${record.epoch}) committed to ${record.conversation}`
    findings.push({
      check: 'a process that slept publishes nothing',
      expected: 'no commit of its old epoch',
      seen,
    })
  }
  const said = child.says(TEXT.goesOn, line).then(
    () => true,
    () => false,
  )
  if (!(await Promise.race([said, aborted(signal)]))) {
    const seen = `${child.name} did not: its log ends with ${child.said.at(-1)}`
    findings.push({ check: 'a process that slept says that it lost its name', expected: 'a line', seen })
  }
  return findings
}

const aborted = (signal: AbortSignal) =>
  new Promise<false>((resolve) => {
    if (signal.aborted) resolve(false)
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
