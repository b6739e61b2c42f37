/**
 * The ledger of model calls: what the endpoint was asked for, held against what the journals have recorded. A call
 * that was lost with its process is paid for and made again; one whose answer is recorded is not.
 */

import type { ModelRequest } from '../endpoint.ts'
import { callsIn, type Journal } from '../journal.ts'
import type { Finding } from './finding.ts'

export function checkModelCalls(requests: readonly ModelRequest[], journals: readonly Journal[]): Finding[] {
  const calls = new Map(journals.flatMap((journal) => [...callsIn(journal)]))
  const findings: Finding[] = []
  const find = (check: string, expected: string, seen: string) => findings.push({ check, expected, seen })

  for (const { spanId, at } of requests) {
    const call = calls.get(spanId ?? '')
    if (call === undefined) {
      find('every request to the model was committed before', 'a span of the journal', `span ${spanId}`)
    } else if (call.recordedAt !== undefined && at > call.recordedAt) {
      const seen = `a request of ${call.conversation} ${at - call.recordedAt} ms after its answer was recorded`
      find('no recorded answer is bought again', 'requests only before the answer', seen)
    }
  }
  for (const [spanId, { conversation, attempts, recordedAt }] of calls) {
    const made = requests.filter((request) => request.spanId === spanId).length
    if (recordedAt !== undefined && made === 0)
      find('every recorded answer was asked for', 'a request', `none of ${conversation}, span ${spanId}`)
    if (made > attempts)
      find('a call is made once an attempt', `at most ${attempts}`, `${made} of ${conversation}`)
  }
  return findings
}
