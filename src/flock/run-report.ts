/** What is left of a run when it is over: a report, kept with its files in the state folder. */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { peerIdSchema, type RunId, roleNameSchema, runIdSchema } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { outcomeSchema } from '../../protocols/run.ts'
import { figuresSchema } from '../run/figures.ts'
import { topologySchema } from '../topology/topology.ts'
import { FlockError } from './errors.ts'
import { runFolder } from './state-folder.ts'

const path = z.string().nullable()
const count = z.number().int().min(0)

export const runReportSchema = z.object({
  run: runIdSchema,
  goal: z.string(),
  outcome: outcomeSchema,
  /** Why it ended so. */
  reason: z.string().nullable(),
  /** Files: a unified diff, a text in Markdown, spans as OTLP JSON. Null where there is none. */
  patch: path,
  report: path,
  trace: path,
  /** Folder of what the patch changes, for `apply`. */
  change: path,
  /** The patch is what had been merged when the run ended, and it did not complete. */
  partial: z.boolean().default(false),
  /** The directory that the workspace was taken from. */
  workspace: path,
  /** The answer of a run that ends with another message than `run.result`. */
  answer: z.object({ type: z.string(), body: z.unknown() }).nullable(),
  spent: z.object({
    calls: count,
    inputTokens: z.number().min(0),
    outputTokens: z.number().min(0),
    tools: count,
  }),
  /** Who spent what, and on what. Absent in reports of before it was kept. */
  figures: figuresSchema.optional(),
  /** How its agents were wired, and how work found its peer. Absent in reports of before it was kept. */
  topology: topologySchema.pick({ name: true, placement: true }).optional(),
  peers: z.array(z.object({ peer: peerIdSchema, role: roleNameSchema, pid: z.number().int() })),
  messages: count,
  durationMs: z.number().min(0),
  startedAt: z.number(),
  model: z.string(),
  bus: z.enum(['nats', 'embedded', 'memory']),
  /** What commands of agents ran in; null where some were not contained. Absent where nobody knows. */
  sandbox: z.string().nullable().optional(),
  /** Folder of the logs of the processes that it started. */
  logs: path,
})

export type RunReport = Readonly<z.infer<typeof runReportSchema>>

const REPORT_FILE = 'run.json'

export const reportFile = (stateDir: string, run: RunId): string =>
  join(runFolder(stateDir, run), REPORT_FILE)

/** @throws FlockError `flock.no-run`; InvalidError `invalid.report` */
export async function readReport(stateDir: string, run: RunId): Promise<RunReport> {
  const file = reportFile(stateDir, run)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlockError(
      'no-run',
      `there is no finished run "${run}" in "${resolve(stateDir)}": look into its "runs" for those there are`,
      { cause },
    )
  })
  return parseAs(runReportSchema, parseJson(text), 'report', `"${file}"`)
}

/** Runs with files in the state folder, newest first: their names sort by time. */
export async function filedRuns(stateDir: string): Promise<RunId[]> {
  const names = await readdir(join(resolve(stateDir), 'runs')).catch(() => [])
  return names
    .flatMap((name) => runIdSchema.safeParse(name).data ?? [])
    .sort()
    .reverse()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
