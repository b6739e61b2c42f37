import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { executeToolName, invokeAgentName, SKEIN, turnName } from '../../../traces/names.ts'
import { spanIdOf } from '../../../traces/propagation.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { type WaterfallOptions, waterfall } from '../../../traces/read/waterfall.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

const render = (spans: readonly Span[], options: Partial<WaterfallOptions> = {}): string =>
  waterfall(traceTree(spans), { width: 100, color: false, ...options })

const [coder] = sampleRun()
  .filter(({ name }) => name === invokeAgentName('coder'))
  .map((span): Span => ({ ...span, attributes: { [SKEIN.run]: 'mend-login', [SKEIN.peer]: 'coder-1' } })) as [
  Span,
]

/** The run with a coder that read forty files, one of which was not there, and then asked deep down. */
function longRun(): Span[] {
  const reads = Array.from({ length: 40 }, (_, index): Span => {
    const startMs = coder.startMs + 10 + index * 60
    return {
      ...coder,
      spanId: spanIdOf(`read ${index}`),
      parentSpanId: coder.spanId,
      name: executeToolName('read_file'),
      startMs,
      endMs: startMs + 40,
      ...(index === 20 && { status: { code: 'error', message: 'no such file' } }),
    }
  })
  const asks = Array.from({ length: 30 }, (_, index): Span => {
    return {
      ...coder,
      spanId: spanIdOf(`ask ${index}`),
      parentSpanId: index === 0 ? coder.spanId : spanIdOf(`ask ${index - 1}`),
      name: invokeAgentName('reviewer'),
      startMs: coder.startMs + 5_000 + index * 100,
    }
  })
  return [...sampleRun(), ...reads, ...asks]
}

describe('a waterfall', () => {
  it.each([80, 100, 120])('reads well in %d columns', async (width) => {
    await expect(render(sampleRun(), { width })).toMatchFileSnapshot(`../golden/waterfall-${width}.txt`)
  })

  it('folds what is long or deep, and keeps what failed or led on', async () => {
    await expect(render(longRun())).toMatchFileSnapshot('../golden/waterfall-folded.txt')
  })

  it('folds nothing when all is asked for', () => {
    const text = render(longRun(), { all: true })
    expect(text).not.toContain('⋮')
    expect(text.match(/execute_tool read_file/g)).toHaveLength(40)
    expect(text.match(/invoke_agent/g)).toHaveLength(34)
  })

  it('says at its foot what is missing, what came twice, and what was moved', async () => {
    const clocks = { 'researcher-1': -4_000 }
    const spans = sampleRun(clocks).filter(({ spanId }) => spanId !== sampleId('assign.code'))
    await expect(render([...spans, spans[3]!])).toMatchFileSnapshot('../golden/waterfall-notes.txt')
  })

  it('never exceeds its width', () => {
    for (const width of [60, 80, 100, 133]) {
      for (const all of [false, true]) {
        for (const line of render(longRun(), { width, all }).split('\n')) {
          expect(line.length).toBeLessThanOrEqual(width)
        }
      }
    }
  })

  it('says the same with colour, and has none unless asked', () => {
    const colored = render(longRun(), { color: true })
    expect(stripVTControlCharacters(colored).replace(/ +$/gm, '')).toBe(render(longRun()))
    expect(colored).toContain('\u001b[')
    expect(render(longRun())).not.toContain('\u001b')
  })

  it("says XState's own events in fewer words", () => {
    const text = render([
      { ...coder, name: turnName('xstate.done.actor.chat') },
      { ...coder, spanId: spanIdOf('2'), name: turnName('xstate.error.actor.tool') },
      { ...coder, spanId: spanIdOf('3'), name: turnName('xstate.after.2000.coder.waiting') },
    ])
    for (const label of ['turn done chat', 'turn error tool', 'turn after 2 s waiting'])
      expect(text).toContain(label)
  })

  it('lets no span steer the terminal', () => {
    const spans = sampleRun().map((span) => ({
      ...span,
      name: '\u001b[2Jsend\u202e\n',
      status: { code: 'ok' as const },
    }))
    const text = render(spans)
    for (const control of ['\u001b', '\u202e']) expect(text).not.toContain(control)
    expect(text).toContain('·[2Jsend··')
  })

  it('shows a single moment, several traces, and nothing at all', () => {
    const moment = { ...coder, endMs: coder.startMs, parentSpanId: undefined } as unknown as Span
    expect(render([moment])).toContain(' 1 span · 0 ms')
    const other = { ...moment, traceId: 'b'.repeat(32) }
    expect(render([moment, other])).toContain('2 traces')
    expect(render([moment, other])).toContain('2 roots')
    expect(render([])).toBe('no spans\n')
  })
})
