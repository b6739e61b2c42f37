/**
 * What it takes to read a large trace and to draw it: each step of `skein trace` on its own, beside `JSON.parse` of
 * the same bytes, which is the least that any reader does.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeTraceFile } from '../../traces/file.ts'
import { criticalPath } from '../../traces/read/critical-path.ts'
import { loadTraceFile } from '../../traces/read/load.ts'
import { sequence } from '../../traces/read/sequence.ts'
import { showCriticalPath } from '../../traces/read/show-critical-path.ts'
import { showTax } from '../../traces/read/show-tax.ts'
import { storyOf } from '../../traces/read/story.ts'
import { tax } from '../../traces/read/tax.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { waterfall } from '../../traces/read/waterfall.ts'
import { madeUpRun } from './made-up-run.ts'

export type ReadingResult = {
  readonly spans: number
  readonly bytes: number
  /** Milliseconds, round by round; the first step is `JSON.parse`. */
  readonly steps: readonly { readonly name: string; readonly ms: readonly number[] }[]
}

const SPANS = 100_000
const ROUNDS = 3
/** No further round begins after this time, in milliseconds: a slow machine must not take for ever. */
const BUDGET_MS = 15_000
const SCREEN = { width: 120, color: false }

/** @param folder for the trace, a file of about 80 MB */
export async function measureReading(folder: string): Promise<ReadingResult> {
  const path = join(folder, 'made-up.jsonl')
  await writeTraceFile(path, madeUpRun(SPANS))
  const text = await readFile(path, 'utf8')
  const steps = new Map<string, number[]>()

  async function timed<Made>(name: string, work: () => Made | Promise<Made>): Promise<Made> {
    const begun = performance.now()
    const made = await work()
    const ms = performance.now() - begun
    steps.set(name, [...(steps.get(name) ?? []), ms])
    return made
  }

  const begun = performance.now()
  for (let round = 0; round < ROUNDS && (round === 0 || performance.now() - begun < BUDGET_MS); round++) {
    await timed('JSON.parse', () => JSON.parse(text))
    const { spans } = await timed('read the file', () => loadTraceFile(path))
    const tree = await timed('arrange it as a tree', () => traceTree(spans))
    const story = await timed('tell its story', () => storyOf(tree))
    await timed('draw the waterfall', () => waterfall(tree, SCREEN))
    await timed('draw the sequence', () => sequence(story))
    await timed('show the critical path', () => showCriticalPath(criticalPath(story), SCREEN))
    await timed('show the tax', () => showTax(tax(story), SCREEN))
  }
  const bytes = Buffer.byteLength(text)
  return { spans: SPANS, bytes, steps: [...steps].map(([name, ms]) => ({ name, ms })) }
}
