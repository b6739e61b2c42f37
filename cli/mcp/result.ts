/** The tool `result`: how a run ended, with its patch. */
import { z } from 'zod'
import { filedReport } from '../../src/flock/file-once.ts'
import { reportOf } from '../../src/flock/known-report.ts'
import { knownRun } from '../../src/flock/see-run.ts'
import { openWaits } from '../../src/people/open-waits.ts'
import { CliError } from '../input/error.ts'
import { parseRun } from '../input/run-id.ts'
import { withKeptBus } from '../on-kept-bus.ts'
import { mcpTool } from './desk.ts'
import { runInput } from './known-run.ts'
import { EXCERPT_BYTES, outcomeOf, outcomeSchema, outcomeText } from './outcome.ts'
import { waitingLines, waitingOf } from './waiting.ts'

export const resultTool = mcpTool({
  name: 'result',
  title: 'Result of a run',
  description:
    'How a run ended: its outcome, report and patch (a unified diff; long ones are cut, and the file that has the whole is named). Fails with cli.not-over while the run goes on.',
  input: z.object({
    run: runInput,
    maxBytes: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe(`of patch and report each [${EXCERPT_BYTES}]`),
  }),
  output: outcomeSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async answer({ run: id, maxBytes }, { settings, say }, { signal }) {
    const run = parseRun(id)
    const { stateDir } = settings
    const report =
      (await filedReport(stateDir, run)) ??
      (await withKeptBus(settings, say, signal, async (kept) => {
        const record = await knownRun(kept, run)
        if (record.state === 'over') return reportOf(record, { ...kept, stateDir })
        const waiting = waitingLines(waitingOf(await openWaits(kept.bus.records, run)))
        const advice = `run "${run}" is not over: ask for its status, and for its result later`
        throw new CliError('not-over', [advice, ...waiting].join('\n'))
      }))
    const structured = await outcomeOf(report, maxBytes)
    return { structured, text: outcomeText(structured, report) }
  },
})
