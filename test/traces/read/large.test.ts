import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { madeUpRun } from '../../../bench/traces/made-up-run.ts'
import { writeTraceFile } from '../../../traces/file.ts'
import { criticalPath } from '../../../traces/read/critical-path.ts'
import { loadTraceFile } from '../../../traces/read/load.ts'
import { sequence } from '../../../traces/read/sequence.ts'
import { showCriticalPath } from '../../../traces/read/show-critical-path.ts'
import { showTax } from '../../../traces/read/show-tax.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { tax } from '../../../traces/read/tax.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { waterfall } from '../../../traces/read/waterfall.ts'
import { faultsOf } from './mermaid-grammar.ts'

/** Enough for a list that a call does not take, a chain that the call stack does not hold, and a square to be felt. */
const SPANS = 20_000
const SCREEN = { width: 100, color: false }

const linesOf = (text: string): number => text.split('\n').length - 1

describe('a large trace', () => {
  it('goes through a file and all views, and each stays of a size that people read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-large-'))
    const file = join(folder, 'run.jsonl')
    try {
      await writeTraceFile(file, madeUpRun(SPANS))
      const { spans } = await loadTraceFile(file)
      expect(spans).toHaveLength(SPANS)
      const tree = traceTree(spans)
      const story = storyOf(tree)
      expect([tree.roots.length, tree.orphans.length]).toEqual([1, 0])
      expect(linesOf(waterfall(tree, SCREEN))).toBeLessThan(1_000)

      const diagram = sequence(story)
      expect(faultsOf(diagram)).toEqual([])
      expect(linesOf(diagram)).toBeLessThan(260)

      const path = criticalPath(story)
      expect(path.totals.unknown.ms).toBe(0)
      expect(path.segments.length).toBeGreaterThan(1_000)
      expect(linesOf(showCriticalPath(path, SCREEN))).toBeLessThan(80)

      expect(tax(story).prompts?.calls).toBe(tax(story).modelCalls)
      expect(linesOf(showTax(tax(story), SCREEN))).toBeLessThan(30)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
