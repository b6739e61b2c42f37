import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askPersonName, GEN_AI, MESSAGING, SKEIN, takeoverName } from '../../../traces/names.ts'
import { spanIdOf } from '../../../traces/propagation.ts'
import { type CriticalPath, criticalPath, SEGMENT_KINDS } from '../../../traces/read/critical-path.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { tax } from '../../../traces/read/tax.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { madeUpSpans } from '../made-up-spans.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

const pathOf = (spans: readonly Span[]): CriticalPath => criticalPath(storyOf(traceTree(spans)))

const START_MS = sampleRun()[0]!.startMs

/** The sample run with some of its spans changed; those that become undefined are gone. */
const changed = (
  changes: Record<string, (span: Span) => Span | undefined>,
  more: readonly Span[] = [],
): Span[] => {
  const byId = new Map(Object.entries(changes).map(([id, change]) => [sampleId(id), change]))
  return [...sampleRun(), ...more].flatMap((span) => {
    const change = byId.get(span.spanId)
    return (change === undefined ? span : change(span)) ?? []
  })
}

const moved = (fromMs: number, toMs: number) => (span: Span) => ({
  ...{ ...span, startMs: START_MS + fromMs, endMs: START_MS + toMs },
})

const byId = (id: string): Span => sampleRun().find(({ spanId }) => spanId === sampleId(id))!

/** `model code gpt-5-mini`, in order. */
const told = ({ segments }: CriticalPath): string[] =>
  segments.map(({ kind, conversation, what }) => `${kind} ${conversation} ${what}`)

/** What segments of these kinds took, and who it was. */
const spent = ({ segments }: CriticalPath, ...kinds: string[]) =>
  segments
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, peer, startMs, endMs }) => [kind, peer, startMs - START_MS, endMs - START_MS])

function expectWhole({ segments, durationMs, startMs, endMs, totals }: CriticalPath): void {
  const bounds = [startMs, ...segments.map((segment) => segment.endMs)]
  expect(segments.map((segment) => segment.startMs)).toEqual(bounds.slice(0, -1))
  expect(bounds.at(-1)).toBe(endMs)
  expect(SEGMENT_KINDS.reduce((sum, kind) => sum + totals[kind].ms, 0)).toBe(durationMs)
  for (const segment of segments) expect(segment.endMs).toBeGreaterThan(segment.startMs)
}

describe('a critical path', () => {
  it('tells a wait for a person from work', () => {
    const toPerson = (span: Span): Span => ({
      ...{ ...span, name: askPersonName('run_tests') },
      attributes: { ...span.attributes, [SKEIN.personKind]: 'approval', [GEN_AI.operationName]: '' },
    })
    const [before, tool] = [pathOf(sampleRun()), byId('code.again')]
    const path = pathOf(changed({ 'code.again': toPerson }))
    expectWhole(path)
    const ms = tool.endMs - tool.startMs
    expect(before.totals.tool.ms - path.totals.tool.ms).toBe(ms)
    expect(path.totals.person.ms).toBe(ms)
    const taxed = tax(storyOf(traceTree(changed({ 'code.again': toPerson }))))
    expect(taxed.overhead.byKind).not.toHaveProperty('person')
    expect(taxed.work.toolMs).toBe(tax(storyOf(traceTree(sampleRun()))).work.toolMs - ms)
  })

  it('leads from the submission to the end, through the last thing that a join waited for', () => {
    const path = pathOf(sampleRun())
    expectWhole(path)
    expect(path.durationMs).toBe(18_476)
    expect(told(path).filter((segment) => /^(model|tool|transit)/.test(segment))).toEqual([
      'transit plan task.plan',
      'model plan gpt-5-mini',
      'transit read task.assign',
      'tool read search_documents',
      'model read gpt-5-mini',
      'transit code task.result',
      'model code gpt-5-mini',
      'tool code run_tests',
      'model code gpt-5-mini',
      'tool code run_tests',
      'transit origin task.result',
    ])
    expect(path.totals.model.ms).toBe(2_852 + 3_724 + 4_520 + 3_267)
    expect(path.totals.unknown.ms).toBe(0)
  })

  it('takes the effect whose end let the turn happen, not one beside it', () => {
    const beside = { ...byId('code.again'), spanId: spanIdOf('beside'), name: 'execute_tool lint' }
    const numbered = (number: number) => (span: Span) => ({
      ...{ ...span, attributes: { ...span.attributes, [SKEIN.turn]: number } },
    })
    // It began with the other and ended before; its outcome let nothing happen.
    const itsTurn = { ...numbered(6)(byId('code.6')), spanId: spanIdOf('its turn') }
    const spans = changed({ 'code.6': numbered(7) }, [
      moved(16_389, 17_000)(beside),
      moved(17_001, 17_003)(itsTurn),
    ])
    expect(spent(pathOf(spans), 'tool').at(-1)).toEqual(['tool', 'coder-1', 16_389, 18_431])
    // One that nobody waited for may end when it likes.
    const late = pathOf([...sampleRun(), moved(16_389, 18_460)(beside)])
    expect(spent(late, 'tool').at(-1)).toEqual(['tool', 'coder-1', 16_389, 18_431])
  })

  it('believes a turn that says whose outcome it took', () => {
    const attributes = { ...byId('code.again').attributes, [SKEIN.effect]: '5.1' }
    const beside = { ...byId('code.again'), spanId: spanIdOf('beside'), attributes }
    const spans = changed(
      { 'code.6': (span) => ({ ...span, attributes: { ...span.attributes, [SKEIN.effect]: '5.1' } }) },
      [moved(16_395, 18_000)(beside)],
    )
    expect(spent(pathOf(spans), 'tool').at(-1)).toEqual(['tool', 'coder-1', 16_395, 18_000])
  })

  it('calls it queue while the taker was busy, and transit while it was free', () => {
    // The result comes an hour late as far as the coder goes, who is at something else from 7 s to 9 s.
    const other = moved(
      7_000,
      9_000,
    )({ ...byId('code.test'), spanId: spanIdOf('other'), parentSpanId: sampleId('code.1') })
    const late = changed({ 'code.2': moved(10_000, 10_006), 'code.chat': moved(10_010, 11_240) }, [other])
    const toItsOwn = pathOf(late)
    expectWhole(toItsOwn)
    expect(spent(toItsOwn, 'queue')).toEqual([])
    const toTheRole = pathOf(
      late.map((span) =>
        span.spanId === sampleId('read.found')
          ? { ...span, attributes: { ...span.attributes, [MESSAGING.destinationTemplate]: 'role.coder' } }
          : span,
      ),
    )
    expectWhole(toTheRole)
    expect(spent(toTheRole, 'queue')).toEqual([['queue', 'coder-1', 6_708, 9_000]])
    expect(spent(toTheRole, 'transit')).toContainEqual(['transit', 'coder-1', 9_000, 10_000])
  })

  it('calls a timer a wait, since the conversation came into the state that it left', () => {
    const timer = { [SKEIN.event]: 'xstate.after.9000.machine.waiting', [SKEIN.stateFrom]: 'waiting' }
    const spans = changed({
      'code.2': ({ links: _, ...span }) => {
        const { [MESSAGING.messageId]: __, ...attributes } = span.attributes
        return { ...span, attributes: { ...attributes, ...timer } }
      },
    })
    const path = pathOf(spans)
    expectWhole(path)
    expect(spent(path, 'wait')).toEqual([['wait', 'coder-1', 2_897, 6_712]])
  })

  it('calls it adoption while an effect had no process, and counts the attempt that ended', () => {
    const own = { [SKEIN.peer]: 'coder-2', [SKEIN.processBefore]: 'host/7' }
    const takeover = moved(
      8_000,
      8_004,
    )({
      ...{ ...byId('code.2'), spanId: spanIdOf('takeover'), name: takeoverName('coder'), attributes: own },
    })
    const path = pathOf(changed({ 'code.chat': moved(8_010, 11_240) }, [takeover]))
    expectWhole(path)
    expect(spent(path, 'adoption')).toEqual([['adoption', 'coder-2', 6_718, 8_000]])
    expect(spent(path, 'model')).toContainEqual(['model', 'coder-1', 8_010, 11_240])
  })

  it('leads to the last that is known of a run under way', () => {
    const spans = sampleRun().filter(
      ({ startMs, name }) => startMs < START_MS + 13_000 && !name.startsWith('invoke_agent origin'),
    )
    const path = pathOf(spans)
    expectWhole(path)
    expect(path.isOver).toBe(false)
    expect(path.segments.at(-1)).toMatchObject({ kind: 'tool', what: 'run_tests', endMs: START_MS + 13_104 })
  })

  it('says what it does not know', () => {
    const path = pathOf(changed({ 'plan.2': () => undefined }))
    expectWhole(path)
    expect(path.segments[0]).toMatchObject({ kind: 'unknown', startMs: START_MS })
    expect(path.totals.unknown.ms).toBeGreaterThan(2_000)
    expect(pathOf([])).toMatchObject({ durationMs: 0, segments: [], totals: { model: { ms: 0, share: 0 } } })
  })

  it('adds up to the duration, whatever the spans', () => {
    fc.assert(
      fc.property(madeUpSpans, (spans) => expectWhole(pathOf(spans))),
      { numRuns: 400 },
    )
  })

  it('adds up to the duration of a run whose clocks differ and of which spans are missing', () => {
    const clock = fc.integer({ min: -1e5, max: 1e5 })
    const clocks = fc.record({ 'planner-1': clock, 'researcher-1': clock, 'coder-1': clock, origin: clock })
    fc.assert(
      fc.property(clocks, fc.infiniteStream(fc.nat(9)), (clocks, luck) => {
        expectWhole(pathOf(sampleRun(clocks).filter(() => luck.next().value !== 0)))
      }),
    )
  })
})
