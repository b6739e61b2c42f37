import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GEN_AI, GENERAL, SKEIN } from '../../../traces/names.ts'
import { showTax } from '../../../traces/read/show-tax.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { type Tax, tax } from '../../../traces/read/tax.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { madeUpSpans } from '../made-up-spans.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

const taxOf = (spans: readonly Span[]): Tax => tax(storyOf(traceTree(spans)))
const show = (spans: readonly Span[], width = 80): string => showTax(taxOf(spans), { width, color: false })

/** Each model call read so much, of which peers wrote so much. */
const sized = (sizes: Record<string, readonly [bytes: number, peerBytes: number]>): Span[] => {
  const byId = new Map(Object.entries(sizes).map(([id, size]) => [sampleId(id), size]))
  return sampleRun().map((span) => {
    const size = byId.get(span.spanId)
    if (size === undefined) return span
    const attributes = { [SKEIN.promptBytes]: size[0], [SKEIN.promptPeerBytes]: size[1] }
    return { ...span, attributes: { ...span.attributes, ...attributes } }
  })
}
const SIZES: Record<string, readonly [number, number]> = {
  'plan.chat': [3_000, 0],
  'read.chat': [20_000, 5_000],
  'code.chat': [30_000, 15_000],
  'code.mend': [40_000, 10_000],
}

/** An offline model reports no tokens. */
const withoutTokens = (): Span[] =>
  sampleRun().map((span) => {
    const { [GEN_AI.usageInputTokens]: _, [GEN_AI.usageOutputTokens]: __, ...attributes } = span.attributes
    return { ...span, attributes }
  })

describe('the cost of coordination', () => {
  it('holds a run against its work in sequence', () => {
    const { work, durationMs, speedUp, overhead } = taxOf(sampleRun())
    const model = 2_852 + 3_724 + 4_520 + 3_267
    const tool = 76 + 1_855 + 2_042
    expect(work).toEqual({
      modelMs: model,
      toolMs: tool,
      sequentialMs: model + tool,
      unionMs: model + tool,
      unwantedMs: 0,
    })
    expect(speedUp).toBeCloseTo((model + tool) / 18_476)
    expect(overhead.ms).toBe(durationMs - model - tool)
    expect(Object.values(overhead.byKind).reduce((sum, ms) => sum + ms, 0)).toBe(overhead.ms)
  })

  it('finds that what ran at the same time would have taken longer in sequence', () => {
    const beside = sampleRun().map((span) =>
      span.spanId === sampleId('read.search') ? { ...span, endMs: span.startMs + 15_000 } : span,
    )
    const { work, speedUp } = taxOf(beside)
    expect(work.sequentialMs).toBeGreaterThan(work.unionMs)
    expect(speedUp).toBeGreaterThan(1)
  })

  it('does not count work that nobody waited for', () => {
    const spans = sampleRun().map((span) =>
      span.spanId === sampleId('code.test')
        ? { ...span, attributes: { ...span.attributes, [GENERAL.errorType]: 'effect.unwanted' } }
        : span,
    )
    const { work } = taxOf(spans)
    expect([work.unwantedMs, work.toolMs]).toEqual([1_855, 76 + 2_042])
  })

  it('counts work that failed, and opens a conversation with the first prompt that it waited for', () => {
    const fails = (spans: readonly Span[], id: string, type: string) =>
      spans.map((span) =>
        span.spanId === sampleId(id)
          ? { ...span, attributes: { ...span.attributes, [GENERAL.errorType]: type } }
          : span,
      )
    const failed = fails(sized(SIZES), 'code.chat', 'model.timeout')
    expect(taxOf(failed).work).toEqual(taxOf(sized(SIZES)).work)
    expect(taxOf(failed).openings).toEqual(taxOf(sized(SIZES)).openings)
    const { openings, prompts } = taxOf(fails(sized(SIZES), 'code.chat', 'effect.unwanted'))
    expect(prompts).toMatchObject({ calls: 3, bytes: 63_000 })
    expect(openings).toEqual({ conversations: 3, bytes: 3_000 + 15_000 + 30_000, largest: 30_000 })
  })

  it('tells accounting from talk', () => {
    const spans = sampleRun().map((span) =>
      span.attributes[SKEIN.event] === 'task.plan'
        ? { ...span, attributes: { ...span.attributes, [SKEIN.event]: 'run.idle' } }
        : span,
    )
    expect(taxOf(spans)).toMatchObject({
      messages: { all: 5, accounting: 1, untaken: 0 },
      turns: { all: 13, accounting: 1 },
      conversations: 4,
    })
  })

  it('says how much of the prompts peers wrote, in bytes and in tokens', () => {
    const { prompts, openings, tokens } = taxOf(sized(SIZES))
    expect(tokens).toEqual({ calls: 4, input: 812 + 5_310 + 7_912 + 9_455, output: 264 + 402 + 1_204 + 610 })
    const peerTokens = Math.round(5_310 / 4 + 7_912 / 2 + 9_455 / 4)
    expect(prompts).toEqual({ calls: 4, bytes: 93_000, peerBytes: 30_000, peerTokens })
    expect(openings).toEqual({ conversations: 3, bytes: 3_000 + 15_000 + 15_000, largest: 15_000 })
  })

  it('leaves undefined what the trace does not say', () => {
    const offline = taxOf(withoutTokens())
    expect([offline.modelCalls, offline.tokens, offline.prompts, offline.openings]).toEqual([
      4,
      ...Array(3).fill(undefined),
    ])
    expect(taxOf([])).toMatchObject({ speedUp: undefined, durationMs: 0, tokens: undefined })
    expect(show(withoutTokens())).toMatch(/tokens +not known/)
    expect(show(withoutTokens())).toMatch(/read from peers +not known/)
    expect(show([])).toMatch(/speed-up +not known/)
  })

  it('reads well', async () => {
    await expect(show(sized(SIZES))).toMatchFileSnapshot('../golden/tax.txt')
  })

  it('lets no name steer the terminal', () => {
    const spans = sampleRun().map((span) => ({
      ...span,
      attributes: { ...span.attributes, [SKEIN.run]: 'r\u001b[2J\u009b1m\n\u202e1' },
    }))
    const text = show(spans)
    expect(text).toContain('of run r·[2J·1m··1')
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })

  it('never exceeds its width, whatever the spans', () => {
    fc.assert(
      fc.property(madeUpSpans, fc.integer({ min: 60, max: 140 }), (spans, width) => {
        for (const line of show(spans, width).split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })
})
