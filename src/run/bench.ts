/** What a tool call gets of the run it works for: its workspace, its documents, and where to put things. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunId } from '../../protocols/ids.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Bench } from '../role/use-tool.ts'
import { readRun } from './run-record.ts'

export function createBench(ports: Pick<ProcessPorts, 'bus' | 'scratch' | 'clock' | 'sandbox'>): Bench {
  const { bus, scratch, clock, sandbox } = ports
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
      clock,
      scratch,
      sandbox,
      nodeModules: await modulesOf(found?.record.workspace ?? undefined),
    }
    if (found !== undefined) runs.set(run, bench)
    return bench
  }
}

/** The installed packages of the workspace, where this is the machine that has them. */
async function modulesOf(workspace: string | undefined): Promise<string | undefined> {
  if (workspace === undefined) return undefined
  const path = join(workspace, 'node_modules')
  return access(path).then(
    () => path,
    () => undefined,
  )
}
