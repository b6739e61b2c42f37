/** The tool `status`: one run, or all that are known here. */
import { z } from 'zod'
import { allRuns, type ListedRun } from '../../src/flock/all-runs.ts'
import { FlockError } from '../../src/flock/errors.ts'
import { filedReport } from '../../src/flock/file-once.ts'
import { readable } from '../../src/flock/readable.ts'
import { knownRun } from '../../src/flock/see-run.ts'
import { summarise } from '../../src/run/summary.ts'
import { decodeRecord, runPrefix } from '../../src/turn/record.ts'
import { parseRun } from '../input/run-id.ts'
import { withKeptBus } from '../on-kept-bus.ts'
import { type Desk, type McpCall, mcpTool } from './desk.ts'
import { isoTime, runInput, runSpending, runState } from './known-run.ts'

const statusSchema = z.object({
  ...runState,
  spent: runSpending.spent.optional(),
  messages: runSpending.messages.optional(),
  peers: z.array(z.string()).optional().describe('who has worked on it'),
})
type Status = z.input<typeof statusSchema>

/** Without a run, this many at most: the newest. */
const LISTED = 20

export const statusTool = mcpTool({
  name: 'status',
  title: 'Status of runs',
  description: `Whether a run is open, ending or over, and what it has spent so far. Without a run: the newest ${LISTED}.`,
  input: z.object({ run: runInput.optional() }),
  output: z.object({ runs: z.array(statusSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async answer({ run }, desk, call) {
    const runs = run === undefined ? await listed(desk, call) : [await statusOf(run, desk, call)]
    return { structured: { runs }, text: runs.map(line).join('\n') || 'no runs' }
  },
})

async function statusOf(id: string, { settings, say }: Desk, { signal }: McpCall): Promise<Status> {
  const run = parseRun(id)
  const report = await filedReport(settings.stateDir, run)
  if (report !== undefined) {
    const { goal, outcome, reason, startedAt, durationMs, spent, messages, peers } = report
    return {
      ...{ run, goal, state: 'over', outcome, reason, spent, messages, peers: peers.map(({ peer }) => peer) },
      ...{ startedAt: isoTime(startedAt), endedAt: isoTime(startedAt + durationMs) },
    }
  }
  return withKeptBus(settings, say, signal, async (kept) => {
    const { goal, state, outcome, reason, startedAt, endedAt } = await knownRun(kept, run)
    const journal = await kept.bus.records.history(runPrefix(run))
    const { spent, messages, peers } = summarise(
      journal.flatMap(({ value }) => readable(() => decodeRecord(value))),
    )
    return {
      ...{ run, goal, state, outcome, reason, spent, messages },
      ...{ startedAt: isoTime(startedAt), endedAt: endedAt === null ? null : isoTime(endedAt) },
      peers: [...new Set(peers.map(({ peer }) => peer))],
    }
  })
}

async function listed({ settings, say }: Desk, { signal }: McpCall): Promise<Status[]> {
  const runs = await withKeptBus(settings, say, signal, ({ bus }) => allRuns(settings.stateDir, bus)).catch(
    (error) => {
      // Without a server there may be runs on file.
      if (!(error instanceof FlockError) || error.code !== 'flock.no-server') throw error
      return allRuns(settings.stateDir)
    },
  )
  return runs.slice(0, LISTED).map(brief)
}

const brief = ({ run, goal, state, outcome, startedAt, endedAt }: ListedRun): Status => ({
  ...{ run, goal, state, outcome, reason: null },
  ...{ startedAt: isoTime(startedAt), endedAt: endedAt === null ? null : isoTime(endedAt) },
})

function line({ run, goal, state, outcome, reason, spent, messages }: Status): string {
  const how = state === 'over' ? `over, ${outcome}${reason ? ` (${reason})` : ''}` : state
  const cost =
    spent && ` · ${spent.calls} calls, ${spent.inputTokens + spent.outputTokens} tokens, ${messages} messages`
  return `${run}  ${how}${cost ?? ''}  ${goal}`
}
