/** Puts what a run left into its folder, where people and later commands find it. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobHash } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { writeTraceFile } from '../../traces/file.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { RunEnd } from '../run/start-run.ts'
import { summarise } from '../run/summary.ts'
import { spansOfRun } from '../run/trace.ts'
import { readBlob } from '../tools/tree.ts'
import { keepChange } from './change.ts'
import type { RunReport } from './run-report.ts'
import { reportFile } from './run-report.ts'
import { runFolder } from './state-folder.ts'

export type FileRunOptions = {
  readonly stateDir: string
  readonly end: RunEnd
  readonly blobs: Blobs
  /** Whether it was traced. */
  readonly sampled: boolean
  readonly around: Pick<RunReport, 'peers' | 'model' | 'bus' | 'logs'>
}

/** Writes the files, the report last: a folder with a report is whole. */
export async function fileRun({ stateDir, end, blobs, sampled, around }: FileRunOptions): Promise<RunReport> {
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
  const trace = sampled ? join(folder, 'trace.jsonl') : null
  if (trace !== null) await writeTraceFile(trace, spansOfRun(journal, record.root))
  const change = join(folder, 'change')
  const changed =
    record.base && result?.tree ? await keepChange(change, blobs, record.base, result.tree) : false
  const { messages, spent, peers } = summarise(journal)
  const report: RunReport = {
    run: record.run,
    goal: record.goal,
    outcome: record.outcome ?? 'failed',
    reason: record.reason,
    patch: await keep('patch.diff', result?.patch),
    report: await keep('report.md', result?.report),
    trace,
    change: changed ? change : null,
    workspace: record.workspace,
    answer:
      output?.kind === 'answer' && result === undefined ? { type: output.type, body: output.body } : null,
    spent,
    durationMs: (record.endedAt ?? record.startedAt) - record.startedAt,
    startedAt: record.startedAt,
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

/** A peer that was adopted in the middle has worked in two processes. */
function withThoseWhoJoined(
  mustered: RunReport['peers'],
  worked: readonly RunReport['peers'][number][],
): RunReport['peers'] {
  const all = [...mustered, ...worked].map(({ peer, role, pid }) => ({ peer, role, pid }))
  return [...new Map(all.map((one) => [`${one.peer} ${one.pid}`, one])).values()]
}
