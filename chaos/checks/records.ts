/** The records, by the invariants that the simulator checks (`src/simulation/ledger.ts`), and what is left at the end. */
import { conversationId, messageId, type RunId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { ORIGIN_CONVERSATION } from '../../src/run/origin-address.ts'
import { createLedger } from '../../src/simulation/ledger.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import type { Journal } from '../journal.ts'
import type { Finding } from './finding.ts'

export function checkRecords(run: RunId, journal: Journal): Finding[] {
  const findings: Finding[] = []
  const submitted = messageId(conversationId(run, 'submit'), conversationId(run, ORIGIN_CONVERSATION), 1)
  const ledger = createLedger(
    {
      note: (invariant, seen) =>
        findings.push({ check: `the records keep ${invariant}`, expected: 'no breach', seen }),
    },
    new Set([submitted]),
  )
  for (const { record } of journal) ledger.enter(record)
  const open = ledger.active().map(({ conversation, took }) => `${conversation} in "${took.to}"`)
  if (open.length > 0) {
    const expected = 'no effect, timer or awaited answer'
    findings.push({ check: 'nothing is left to do', expected, seen: open.join(', ') })
  }
  const untaken = ledger.untaken()
  if (untaken.length > 0) {
    findings.push({ check: 'no message is lost', expected: 'each is taken', seen: untaken.join(', ') })
  }
  return findings
}

export async function checkDeadLetters({ records }: Bus): Promise<Finding[]> {
  const letters = await deadLetters(records).list()
  if (letters.length === 0) return []
  const seen = letters.map(({ id, reason }) => `${id}: ${reason}`).join('; ')
  return [{ check: 'no message is given up', expected: 'no dead letter', seen }]
}
