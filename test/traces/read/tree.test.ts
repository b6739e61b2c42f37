import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGING, RESOURCE, SKEIN } from '../../../traces/names.ts'
import { nodesOf, type TraceNode, type TraceTree, traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { type Clocks, sampleId, sampleRun } from '../sample-run.ts'

const namesOf = (nodes: readonly TraceNode[]): string[] => nodes.map(({ span }) => span.name)

/** The tree without its times. */
const shapeOf = (tree: TraceTree): string[] => [...nodesOf(tree.roots)].map(({ span }) => span.spanId)

function expectCausal(tree: TraceTree): void {
  const nodes = [...nodesOf(tree.roots)]
  const starts = new Map(nodes.map(({ span, startMs }) => [span.spanId, startMs]))
  for (const { span, startMs, children } of nodes) {
    for (const child of children) expect(child.startMs).toBeGreaterThanOrEqual(startMs)
    for (const { spanId } of span.links ?? []) expect(startMs).toBeGreaterThanOrEqual(starts.get(spanId)!)
    const turns = children.map(({ span }) => span.attributes[SKEIN.turn]).filter((turn) => turn !== undefined)
    expect(turns).toEqual([...turns].sort())
  }
}

const span = (spanId: string, fields: Partial<Span> = {}): Span => ({
  traceId: 'a'.repeat(32),
  spanId,
  name: spanId,
  kind: 'internal',
  startMs: 0,
  endMs: 10,
  attributes: {},
  resource: {},
  ...fields,
})

describe('a trace tree', () => {
  it('hangs each span below its parent, and orders those of one parent by time', () => {
    const { roots, orphans, duplicates, size } = traceTree(sampleRun())
    expect(namesOf(roots)).toEqual(['invoke_workflow mesh'])
    expect(namesOf(roots[0]!.children)).toEqual(['invoke_agent origin', 'run completed'])
    expect([orphans, duplicates, size]).toEqual([[], [], 31])
  })

  it('is the same whatever the order of the spans', () => {
    const expected = shapeOf(traceTree(sampleRun()))
    fc.assert(
      fc.property(fc.shuffledSubarray(sampleRun(), { minLength: 31 }), (shuffled) => {
        expect(shapeOf(traceTree(shuffled))).toEqual(expected)
      }),
    )
  })

  it('goes by turns where the clock is too coarse', () => {
    const turns = [3, 1, 2].map((turn) =>
      span(`turn ${turn}`, { parentSpanId: 'root', attributes: { [SKEIN.turn]: turn } }),
    )
    const { roots } = traceTree([...turns, span('root')])
    expect(namesOf(roots[0]!.children)).toEqual(['turn 1', 'turn 2', 'turn 3'])
  })

  it('goes by messages where all is sent in one moment', () => {
    const sends = [10, 9, 2].map((task) =>
      span(`send ${task}`, {
        parentSpanId: 'root',
        name: 'send role.coder',
        attributes: { [MESSAGING.messageId]: `r1/plan>r1/task-${task}#1` },
      }),
    )
    const { roots } = traceTree([...sends, span('root')])
    expect(roots[0]!.children.map((node) => node.span.spanId)).toEqual(['send 2', 'send 9', 'send 10'])
  })

  it('holds a chain of causes longer than the call stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      span(`${index}`, index === 0 ? {} : { parentSpanId: `${index - 1}` }),
    )
    expect([...nodesOf(traceTree(chain).roots)]).toHaveLength(20_000)
  })

  it('shows spans whose parent is missing after the roots, and says which they are', () => {
    const spans = sampleRun().filter(({ spanId }) => spanId !== sampleId('assign.code'))
    const { roots, orphans, size } = traceTree(spans)
    expect(namesOf(roots)).toEqual(['invoke_workflow mesh', 'invoke_agent coder'])
    expect(orphans).toEqual([roots[1]])
    expect(roots.map(({ orphan }) => orphan)).toEqual([false, true])
    expect([...nodesOf(roots)]).toHaveLength(size)
  })

  it('does not take a span of another trace for a parent', () => {
    const other = span('b', { traceId: 'b'.repeat(32), parentSpanId: 'a' })
    expect(traceTree([span('a'), other]).orphans).toHaveLength(1)
  })

  it('keeps several roots, oldest first', () => {
    const { roots } = traceTree([span('late', { startMs: 5 }), span('early')])
    expect(namesOf(roots)).toEqual(['early', 'late'])
  })

  it('of a span that came twice keeps the longer copy, or else the later', () => {
    const cut = span('a', { endMs: 5 })
    const whole = span('a', { endMs: 9 })
    const again = span('a', { startMs: 100, endMs: 109 })
    for (const copies of [
      [cut, whole, again],
      [again, whole, cut],
    ]) {
      const { roots, duplicates, size } = traceTree(copies)
      expect(roots.map((node) => node.span)).toEqual([again])
      expect(new Set(duplicates)).toEqual(new Set([cut, whole]))
      expect(size).toBe(1)
    }
  })

  it('loses no span when some are parents of each other', () => {
    const circle = [
      span('a', { parentSpanId: 'b' }),
      span('b', { parentSpanId: 'a' }),
      span('c', { parentSpanId: 'c' }),
    ]
    const { roots, orphans } = traceTree(circle)
    expect([...nodesOf(roots)]).toHaveLength(3)
    expect(orphans).toHaveLength(2)
  })
})

describe('a trace tree of hosts whose clocks differ', () => {
  it('moves nothing while the clocks agree', () => {
    for (const { shiftMs } of nodesOf(traceTree(sampleRun()).roots)) expect(shiftMs).toBe(0)
  })

  it('moves all of a slow host by the same time, and keeps the times that the spans came with', () => {
    const spans = sampleRun({ 'researcher-1': -4_000 })
    const nodes = [...nodesOf(traceTree(spans).roots)]
    const peersMoved = nodes
      .filter(({ shiftMs }) => shiftMs > 0)
      .map(({ span }) => span.attributes[SKEIN.peer])
    const shifts = nodes.map(({ shiftMs }) => shiftMs).filter((shiftMs) => shiftMs > 0)
    expect(new Set(peersMoved)).toEqual(new Set(['researcher-1']))
    expect(shifts).toHaveLength(7)
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThanOrEqual(2)
    expect(new Set(nodes.map((node) => node.span))).toEqual(new Set(spans))
  })

  it('has the shape it has with equal clocks', () => {
    const expected = shapeOf(traceTree(sampleRun()))
    expect(shapeOf(traceTree(sampleRun({ 'researcher-1': -4_000, 'coder-1': 2_500 })))).toEqual(expected)
    expect(shapeOf(traceTree(sampleRun({ 'researcher-1': 3_600_000, 'coder-1': -60_000 })))).toEqual(expected)
  })

  it('never shows an effect before its cause, be it a parent, a link or the turn before, whatever the clocks say', () => {
    const clock = fc.integer({ min: -1e7, max: 1e7 })
    const clocks: fc.Arbitrary<Clocks> = fc.record({
      'planner-1': clock,
      'researcher-1': clock,
      'coder-1': clock,
    })
    fc.assert(fc.property(clocks, (clocks) => expectCausal(traceTree(sampleRun(clocks)))))
  })

  it('never does so even when the clocks jump about', () => {
    const jump = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const jumps = fc.array(jump, { minLength: 31, maxLength: 31 })
    fc.assert(
      fc.property(jumps, (jumps) => {
        const spans = sampleRun().map((span, index) => ({
          ...span,
          startMs: span.startMs + jumps[index]!,
          endMs: span.endMs + jumps[index]!,
        }))
        expectCausal(traceTree(spans))
      }),
    )
  })

  it('trusts no clock more than another when one was set during the run', () => {
    const on = (host: string) => ({ resource: { [RESOURCE.hostId]: host } })
    const spans = [
      span('ask', { startMs: 1_000, ...on('a') }),
      span('work', { startMs: 0, parentSpanId: 'ask', ...on('b') }),
      span('answer', { startMs: 9_000, parentSpanId: 'work', ...on('b') }),
      span('read', { startMs: 1_010, parentSpanId: 'answer', ...on('a') }),
    ]
    const shifts = [...nodesOf(traceTree(spans).roots)].map(({ shiftMs }) => shiftMs)
    expect(shifts).toEqual([0, 1_000, 1_000, 8_990])
  })

  it('holds more children of one parent than a call takes arguments', () => {
    const parent = span('parent')
    const children = Array.from({ length: 200_000 }, (_, index) =>
      span(`child ${index}`, { parentSpanId: 'parent', startMs: index }),
    )
    const { roots, size } = traceTree([parent, ...children])
    expect([...nodesOf(roots)].length).toBe(200_001)
    expect(size).toBe(200_001)
  })

  it('shows an outcome taken after its effect has ended, and a turn after the takeover before it', () => {
    const within = { [SKEIN.run]: 'r', [SKEIN.conversation]: 'c' }
    const spans = [
      span('talk', { startMs: 0, endMs: 2_000 }),
      span('turn 1', {
        startMs: 10,
        endMs: 11,
        parentSpanId: 'talk',
        attributes: { ...within, [SKEIN.turn]: 1 },
      }),
      span('chat', {
        ...{ startMs: 10, endMs: 1_010, parentSpanId: 'turn 1' },
        attributes: { ...within, [SKEIN.effect]: '1.0' },
      }),
      // Its clock was set back meanwhile.
      span('turn 2', {
        ...{ startMs: 515, endMs: 520, parentSpanId: 'talk' },
        attributes: { ...within, [SKEIN.turn]: 2, [SKEIN.effect]: '1.0' },
      }),
      span('takeover', {
        ...{ startMs: 3_000, endMs: 3_000, parentSpanId: 'talk' },
        attributes: { ...within, [SKEIN.epoch]: 7, [SKEIN.processBefore]: 'a/1' },
        links: [{ traceId: 'a'.repeat(32), spanId: 'turn 2' }],
      }),
      span('turn 3', {
        ...{ startMs: 2_500, endMs: 2_501, parentSpanId: 'talk' },
        attributes: { ...within, [SKEIN.turn]: 3, [SKEIN.epoch]: 7 },
      }),
    ]
    const starts = Object.fromEntries(
      [...nodesOf(traceTree(spans).roots)].map(({ span, startMs }) => [span.spanId, startMs]),
    )
    expect(starts).toMatchObject({ 'turn 2': 1_010, 'turn 3': 3_000 })
  })
})
