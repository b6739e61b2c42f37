import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { madeUpRun } from '../../../bench/traces/made-up-run.ts'
import { criticalPath } from '../../../traces/read/critical-path.ts'
import { showCriticalPath } from '../../../traces/read/show-critical-path.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { madeUpSpans } from '../made-up-spans.ts'
import { sampleRun } from '../sample-run.ts'

const show = (spans: readonly Span[], width = 100, color = false): string =>
  showCriticalPath(criticalPath(storyOf(traceTree(spans))), { width, color })

describe('a critical path in a terminal', () => {
  it.each([80, 100])('reads well in %d columns', async (width) => {
    await expect(show(sampleRun(), width)).toMatchFileSnapshot(`../golden/critical-path-${width}.txt`)
  })

  it('merges what is short when there is much of it', async () => {
    const text = show(madeUpRun(600))
    expect(text.split('\n').length).toBeLessThan(70)
    await expect(text).toMatchFileSnapshot('../golden/critical-path-merged.txt')
  })

  it('never exceeds its width', () => {
    fc.assert(
      fc.property(madeUpSpans, fc.integer({ min: 60, max: 140 }), (spans, width) => {
        for (const line of show(spans, width).split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })

  it('says the same with colour, and has none unless asked', () => {
    const colored = show(sampleRun(), 100, true)
    expect(stripVTControlCharacters(colored).replace(/ +$/gm, '')).toBe(show(sampleRun()))
    expect(colored).toContain('\u001b[')
    expect(show(sampleRun())).not.toContain('\u001b[')
  })

  it('says that there is nothing', () => {
    expect(show([])).toBe('no spans\n')
  })
})
