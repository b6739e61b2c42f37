/**
 * The tool `run`: what `skein run --detach` does. Its peers have processes of their own, so the run outlives this
 * server and whoever asked for it.
 */
import { z } from 'zod'
import type { RunId } from '../../protocols/ids.ts'
import { fileEnd } from '../../src/flock/known-report.ts'
import { launch } from '../../src/flock/run.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { seeRun } from '../../src/flock/see-run.ts'
import { openWaits } from '../../src/people/open-waits.ts'
import { isTopologyName, PLACEMENTS } from '../../src/topology/topology.ts'
import { DEFAULT_TIMEOUT, wishedJob } from '../input/coding-job.ts'
import { parseDuration } from '../input/duration.ts'
import { CliError } from '../input/error.ts'
import { parseLimits } from '../input/limits.ts'
import { wishedRates } from '../input/rates.ts'
import { namedRoles } from '../input/roles.ts'
import { withKeptBus } from '../on-kept-bus.ts'
import { peerArgs } from '../peer-args.ts'
import { containmentText } from '../show/containment.ts'
import { type Desk, type McpCall, mcpTool } from './desk.ts'
import { insideRoot } from './inside-root.ts'
import { outcomeOf, outcomeSchema, outcomeText } from './outcome.ts'
import { toldOf, waitingLines, waitingOf } from './waiting.ts'

const input = z.object({
  goal: z.string().min(1).describe('what is wanted, in plain words'),
  workspace: z.string().describe('directory to work on, from the root of this server; it is only read'),
  documents: z.string().optional().describe('directory of documents, where they are not in the workspace'),
  peers: z.string().optional().describe('peers of each role, like "researcher=2,coder=2"'),
  rounds: z.number().int().min(0).optional().describe('how often a review may send work back'),
  timeout: z.string().optional().describe(`when to stop it, like "90s" or "1h" [${DEFAULT_TIMEOUT}]`),
  model: z.string().optional().describe('a model of the endpoint, or "offline"'),
  topology: z.string().optional().describe('how the peers are wired: mesh, star, ring, … or a file [mesh]'),
  placement: z.enum(PLACEMENTS).optional().describe('how work finds its peer'),
  maxTokens: z.number().int().positive().optional().describe('that the whole run may use'),
  maxCost: z.number().positive().optional().describe('US dollars that the whole run may cost'),
  maxMessages: z.number().int().positive().optional(),
  hops: z.number().int().positive().optional(),
  waitMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('milliseconds to wait for its end, with progress; afterwards it goes on all the same'),
})

export const runTool = mcpTool({
  name: 'run',
  title: 'Start a run',
  description:
    'Sets a flock of agents (planner, researchers, coders, reviewer) to a goal in a directory, and answers with the id of the run as soon as it has begun. It takes minutes and goes on by itself: ask "status" or "result". The workspace is not written to; the result is a patch. Its tests and scripts are run.',
  input,
  output: z.object({
    run: z.string(),
    state: z.enum(['open', 'over']),
    model: z.string(),
    peers: z.array(z.string()),
    result: outcomeSchema.nullable().describe('where it was over in the time that was waited'),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  async answer(wish, desk, call) {
    const { run, model, peers, sandbox } = await begun(wish, desk, call)
    call.tell(`${run} has begun`)
    const report = wish.waitMs > 0 ? await ended(run, wish.waitMs, desk, call) : undefined
    if (report === undefined) {
      const goesOn = `run ${run} goes on, whatever becomes of this session. Ask for its status, or for its result when it is over. Note that ${containmentText(sandbox)}.`
      const text = [goesOn, ...(wish.waitMs > 0 ? await waitingIn(run, desk, call) : [])].join('\n')
      return { text, structured: { run, state: 'open' as const, model, peers, result: null } }
    }
    const result = await outcomeOf(report)
    return {
      text: outcomeText(result, report),
      structured: { run, state: 'over' as const, model, peers, result },
    }
  },
})

type Begun = {
  readonly run: RunId
  readonly model: string
  readonly peers: string[]
  readonly sandbox: string | null
}

async function begun(
  wish: z.output<typeof input>,
  { settings, root, model, say }: Desk,
  call: McpCall,
): Promise<Begun> {
  const { config } = settings
  const inside = (path: string) => insideRoot(root, path)
  const { topology, documents } = wish
  const roles = await namedRoles(config)
  const job = await wishedJob(
    {
      ...wish,
      workspace: await inside(wish.workspace),
      ...(documents !== undefined && { documents: await inside(documents) }),
      ...(topology !== undefined && {
        topology: isTopologyName(topology) ? topology : await inside(topology),
      }),
    },
    settings,
    roles,
  )
  const chosen = wish.model ?? model ?? config.model
  const left = new AbortController()
  // Who leaves before it has begun stops it; afterwards it goes on.
  const stop = new AbortController()
  const stopIt = () => left.signal.aborted || stop.abort(call.signal.reason)
  call.signal.addEventListener('abort', stopIt, { once: true })
  call.signal.throwIfAborted()
  let about: Omit<Begun, 'run'> = { model: '', peers: [], sandbox: null }
  const end = await launch(job, {
    ...settings,
    ...parseLimits(wish, config),
    ...wishedRates({}, config, settings.env),
    approve: config.approve,
    model: chosen,
    prices: config.prices,
    timeoutMs: parseDuration(wish.timeout ?? config.timeout ?? DEFAULT_TIMEOUT),
    peerArgs: peerArgs(roles, { ...settings, model: chosen }),
    say(text) {
      say(text)
      call.tell(text)
    },
    onStart({ model, members, sandbox }) {
      about = { model, peers: members.map(({ peer }) => peer), sandbox: sandbox ?? null }
      left.abort()
    },
    signal: stop.signal,
    detach: left.signal,
  }).finally(() => call.signal.removeEventListener('abort', stopIt))
  if ('detached' in end) return { ...about, run: end.run }
  throw new CliError(
    'not-begun',
    `the run was not left to its peers: it ended as ${end.outcome} (${end.reason})`,
  )
}

const waitingIn = (run: RunId, { settings, say }: Desk, { signal }: McpCall): Promise<string[]> =>
  withKeptBus(settings, say, signal, async ({ bus }) =>
    waitingLines(waitingOf(await openWaits(bus.records, run))),
  )

/** Undefined where it goes on. */
async function ended(
  run: RunId,
  waitMs: number,
  { settings, say }: Desk,
  call: McpCall,
): Promise<RunReport | undefined> {
  return withKeptBus(settings, say, call.signal, async (kept) => {
    const late = new AbortController()
    const timer = kept.clock.setTimer(waitMs, () => late.abort())
    try {
      const end = await seeRun(kept, run, {
        signal: AbortSignal.any([call.signal, late.signal]),
        say: call.tell,
        onCommit(record) {
          for (const text of toldOf(record)) call.tell(text)
        },
      })
      return end && (await fileEnd(end, { ...kept, stateDir: settings.stateDir }))
    } finally {
      timer.cancel()
    }
  })
}
