/** The tool `status`: one run, or all that are known here. */
import { z } from 'zod'
import type { Bus } from '../../src/bus/bus.ts'
import { allRuns, type ListedRun } from '../../src/flock/all-runs.ts'
import { FlockError } from '../../src/flock/errors.ts'
import { filedReport } from '../../src/flock/file-once.ts'
import { readable } from '../../src/flock/readable.ts'
import { knownRun } from '../../src/flock/see-run.ts'
import { openWaits } from '../../src/people/open-waits.ts'
import type { Wait } from '../../src/people/wait.ts'
import { summarise } from '../../src/run/summary.ts'
import { decodeRecord, runPrefix } from '../../src/turn/record.ts'
import { parseRun } from '../input/run-id.ts'
import { withKeptBus } from '../on-kept-bus.ts'
import { type Desk, type McpCall, mcpTool } from './desk.ts'
import { isoTime, runInput, runSpending, runState } from './known-run.ts'
import { waitingLines, waitingOf, waitingSchema } from './waiting.ts'

const statusSchema = z.object({
  ...runState,
  spent: runSpending.spent.optional(),
  messages: runSpending.messages.optional(),
  peers: z.array(z.string()).optional().describe('who has worked on it'),
  waiting: waitingSchema.describe('calls and questions that wait for a person: no tool here decides them'),
})
type Status = z.input<typeof statusSchema>

/** Without a run, this many at most: the newest. */
const LISTED = 20

export const statusTool = mcpTool({
  name: 'status',
  title: 'Status of runs',
  description: `Whether a run is open, ending or over, what it has spent so far, and what of it waits for a person, with the command for them to type. Without a run: the newest ${LISTED}.`,
  input: z.object({ run: runInput.optional() }),
  output: z.object({ runs: z.array(statusSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async answer({ run }, desk, call) {
    const runs = run === undefined ? await listed(desk, call) : [await statusOf(run, desk, call)]
    return { structured: { runs }, text: runs.map(textOf).join('\n') || 'no runs' }
  },
})

async function statusOf(id: string, { settings, say }: Desk, { signal }: McpCall): Promise<Status> {
  const run = parseRun(id)
  const report = await filedReport(settings.stateDir, run)
  if (report !== undefined) {
    const { goal, outcome, reason, startedAt, durationMs, spent, messages, peers } = report
    return {
      ...{ run, goal, state: 'over', outcome, reason, spent, messages, peers: peers.map(({ peer }) => peer) },
      ...{ startedAt: isoTime(startedAt), endedAt: isoTime(startedAt + durationMs), waiting: [] },
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
      waiting: waitingOf(await openWaits(kept.bus.records, run)),
    }
  })
}

async function listed({ settings, say }: Desk, { signal }: McpCall): Promise<Status[]> {
  const listing = async (bus?: Bus) => {
    const runs = (await allRuns(settings.stateDir, bus)).slice(0, LISTED)
    const waits = bus === undefined ? [] : await openWaits(bus.records)
    return runs.map((run) => brief(run, waits))
  }
  return withKeptBus(settings, say, signal, ({ bus }) => listing(bus)).catch((error) => {
    // Without a server there may be runs on file.
    if (!(error instanceof FlockError) || error.code !== 'flock.no-server') throw error
    return listing()
  })
}

const brief = (
  { run, goal, state, outcome, startedAt, endedAt }: ListedRun,
  waits: readonly Wait[],
): Status => ({
  ...{ run, goal, state, outcome, reason: null },
  waiting: waitingOf(waits.filter((wait) => wait.run === run)),
  ...{ startedAt: isoTime(startedAt), endedAt: endedAt === null ? null : isoTime(endedAt) },
})

function textOf({ run, goal, state, outcome, reason, spent, messages, waiting }: Status): string {
  const how = state === 'over' ? `over, ${outcome}${reason ? ` (${reason})` : ''}` : state
  const cost =
    spent && ` · ${spent.calls} calls, ${spent.inputTokens + spent.outputTokens} tokens, ${messages} messages`
  return [`${run}  ${how}${cost ?? ''}  ${goal}`, ...waitingLines(waiting)].join('\n')
}
