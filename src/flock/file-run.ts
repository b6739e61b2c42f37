/** Puts what a run left into its folder, where people and later commands find it. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobHash } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { writeTraceFile } from '../../traces/file.ts'
import type { Bus } from '../bus/bus.ts'
import type { Prices } from '../model/prices.ts'
import { figuresOf } from '../run/figures.ts'
import { summarise } from '../run/summary.ts'
import { spansOfRun } from '../run/trace.ts'
import type { RunEnd } from '../run/watch-run.ts'
import { headPatch } from '../tools/head-patch.ts'
import { encodeText } from '../tools/text.ts'
import { readBlob } from '../tools/tree.ts'
import { keepChange } from './change.ts'
import { fileJournal } from './filed-journal.ts'
import type { RunReport } from './run-report.ts'
import { reportFile } from './run-report.ts'
import { runFolder } from './state-folder.ts'

export type FileRunOptions = {
  readonly stateDir: string
  readonly end: RunEnd
  readonly bus: Pick<Bus, 'blobs' | 'records'>
  /** Whether it was traced. */
  readonly sampled: boolean
  /** What counts more than the list of prices. */
  readonly prices?: Prices | undefined
  readonly around: Pick<RunReport, 'peers' | 'model' | 'bus' | 'sandbox' | 'logs'>
}

/** Writes the files, the report last: a folder with a report is whole. */
export async function fileRun(options: FileRunOptions): Promise<RunReport> {
  const { stateDir, end, bus, sampled, prices, around } = options
  const { blobs } = bus
  const { record, output, journal } = end
  const folder = runFolder(stateDir, record.run)
  await mkdir(folder, { recursive: true })
  const keep = async (name: string, hash: BlobHash | null | undefined) => {
    if (!hash) return null
    const path = join(folder, name)
    await writeFile(path, await readBlob(blobs, hash))
    return path
  }
  const result = resultOf(output)
  const { tree, patch } = result?.patch ? result : await merged(record, bus)
  const trace = sampled ? join(folder, 'trace.jsonl') : null
  if (trace !== null) await writeTraceFile(trace, spansOfRun(journal, record))
  await fileJournal(folder, { run: record, journal })
  const change = join(folder, 'change')
  const changed = record.base && tree ? await keepChange(change, blobs, record.base, tree) : false
  // A patch of nothing is none: whoever applies it would be told that it is no patch.
  const isEmpty = record.base !== null && tree !== null && !changed
  const { messages, spent, peers } = summarise(journal)
  const report: RunReport = {
    run: record.run,
    goal: record.goal,
    outcome: record.outcome ?? 'failed',
    reason: record.reason,
    patch: await keep('patch.diff', isEmpty ? null : patch),
    report: await keep('report.md', result?.report),
    trace,
    change: changed ? change : null,
    partial: changed && !result?.patch && record.outcome !== 'completed',
    workspace: record.workspace,
    answer:
      output?.kind === 'answer' && result === undefined ? { type: output.type, body: output.body } : null,
    spent,
    figures: figuresOf(journal, prices),
    durationMs: (record.endedAt ?? record.startedAt) - record.startedAt,
    startedAt: record.startedAt,
    ...(record.topology && {
      topology: { name: record.topology.name, placement: record.topology.placement },
    }),
    messages,
    ...around,
    peers: withThoseWhoJoined(
      around.peers,
      peers.filter(({ peer }) => peer !== record.origin),
    ),
  }
  const draft = join(folder, 'run.json.draft')
  await writeFile(draft, `${JSON.stringify(report, null, 2)}\n`)
  await rename(draft, reportFile(stateDir, record.run))
  return report
}

function resultOf(output: RunEnd['output']) {
  const { result } = runProtocol.messages
  return output?.kind === 'answer' && output.type === result.type
    ? result.body.safeParse(output.body).data
    : undefined
}

type Merged = { readonly tree: BlobHash | null; readonly patch: BlobHash | null }

/** Of a run whose answer has no patch: what its agents had handed over by then. */
async function merged({ run, base }: RunEnd['record'], bus: FileRunOptions['bus']): Promise<Merged> {
  const made = await headPatch(run, base, bus)
  return made
    ? { tree: made.tree, patch: await bus.blobs.put(encodeText(made.text)) }
    : { tree: null, patch: null }
}

/** A peer that was adopted in the middle has worked in two processes. */
function withThoseWhoJoined(
  mustered: RunReport['peers'],
  worked: readonly RunReport['peers'][number][],
): RunReport['peers'] {
  const all = [...mustered, ...worked].map(({ peer, role, pid }) => ({ peer, role, pid }))
  return [...new Map(all.map((one) => [`${one.peer} ${one.pid}`, one])).values()]
}
