/** What came of a replay, for people. */

import type { RunReport } from '../../src/flock/run-report.ts'
import { shortPath } from './outcome.ts'
import type { Screen } from './terminal.ts'

const LABEL_CELLS = 9

export async function showReplayed(
  report: RunReport,
  { turns, recording }: { readonly turns: number; readonly recording?: string },
  { line, paint }: Screen,
): Promise<void> {
  const show = (label: string, text: string) => line(`  ${paint('dim', label.padEnd(LABEL_CELLS))}${text}`)
  line([paint('bold', report.outcome), report.reason ?? ''].join('  ').trimEnd())
  line('')
  show('replayed', `${turns} turns and ${report.messages} messages, as they were recorded`)
  if (report.patch !== null) show('patch', shortPath(report.patch))
  if (report.report !== null) show('report', shortPath(report.report))
  if (report.answer !== null) show('answer', JSON.stringify(report.answer.body))
  if (report.trace !== null) show('trace', shortPath(report.trace))
  if (recording !== undefined) show('recorded', shortPath(recording))
}
