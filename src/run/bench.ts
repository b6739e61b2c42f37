/** What a tool call gets of the run it works for: its workspace, its documents, and where to put things. */
import type { RunId } from '../../protocols/ids.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Bench } from '../role/use-tool.ts'
import { readRun } from './run-record.ts'

export function createBench({ bus, scratch }: Pick<ProcessPorts, 'bus' | 'scratch'>): Bench {
  /** What a run begins with never changes. */
  const runs = new Map<RunId, Awaited<ReturnType<Bench>>>()
  return async ({ run }) => {
    const known = runs.get(run)
    if (known !== undefined) return known
    const found = await readRun(bus.records, run)
    const bench = {
      tree: found?.record.base ?? undefined,
      documents: found?.record.documents ?? undefined,
      blobs: bus.blobs,
      records: bus.records,
      scratch,
    }
    if (found !== undefined) runs.set(run, bench)
    return bench
  }
}
