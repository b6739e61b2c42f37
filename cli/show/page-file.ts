/** The page of a run as a file, with what the run was asked for where this machine knows it. */
import { writeFile } from 'node:fs/promises'
import { readReport } from '../../src/flock/run-report.ts'
import { page } from '../../traces/page/page.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import type { Span } from '../../traces/span.ts'
import { CliError } from '../input/error.ts'
import { parseRun } from '../input/run-id.ts'

/** @throws CliError `cli.html` where the file cannot be written */
export async function writePage(path: string, spans: readonly Span[], stateDir: string): Promise<void> {
  const tree = traceTree(spans)
  const goal = await goalOf(storyOf(tree).run, stateDir)
  await writeFile(path, page(tree, goal === undefined ? {} : { goal })).catch((cause) => {
    const isFolder = (cause as NodeJS.ErrnoException).code === 'EISDIR'
    const reason = isFolder ? 'it is a directory: name a file in it' : (cause as Error).message
    throw new CliError('html', `"${path}" cannot be written: ${reason}`, { cause })
  })
}

/** It stands in the run's report, not in its trace. The id may come from a file of anybody: it is parsed first. */
async function goalOf(run: string | undefined, stateDir: string): Promise<string | undefined> {
  if (run === undefined) return undefined
  try {
    return (await readReport(stateDir, parseRun(run))).goal
  } catch {
    return undefined
  }
}
