/** The tool `cancel`: has a run end, wherever it was started. */
import { z } from 'zod'
import { filedReport } from '../../src/flock/file-once.ts'
import { fileEnd } from '../../src/flock/known-report.ts'
import { cancelRun } from '../../src/flock/see-run.ts'
import { CliError } from '../input/error.ts'
import { parseRun } from '../input/run-id.ts'
import { withKeptBus } from '../on-kept-bus.ts'
import { mcpTool } from './desk.ts'
import { runInput } from './known-run.ts'
import { outcomeOf, outcomeSchema, outcomeText } from './outcome.ts'

export const cancelTool = mcpTool({
  name: 'cancel',
  title: 'Cancel a run',
  description: 'Stops a run and answers how it ended; what had been merged by then is kept as a patch.',
  input: z.object({ run: runInput }),
  output: outcomeSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async answer({ run: id }, { settings, say }, { signal }) {
    const run = parseRun(id)
    const { stateDir } = settings
    const filed = await filedReport(stateDir, run)
    if (filed !== undefined)
      throw new CliError('over', `run "${run}" is over already: it ended as ${filed.outcome}`)
    const report = await withKeptBus(settings, say, signal, async (kept) => {
      const reason = `cancelled over MCP on ${kept.host}`
      const end = await cancelRun(kept, run, { reason, signal })
      if (end !== undefined) return fileEnd(end, { ...kept, stateDir })
      throw new CliError('not-over', `run "${run}" is being closed: whoever works on it closes it`)
    })
    const structured = await outcomeOf(report)
    return { structured, text: outcomeText(structured, report) }
  },
})
