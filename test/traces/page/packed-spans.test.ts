import { describe, expect, it } from 'vitest'
import { columnOf, createTexts, valueIn } from '../../../traces/page/column.ts'
import { packSpans } from '../../../traces/page/packed-spans.ts'
import { readSpans } from '../../../traces/page/span-reader.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { nodesOf, traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'
import { hostileRun } from './hostile-run.ts'

function packed(spans: readonly Span[]) {
  const tree = traceTree(spans)
  const nodes = [...nodesOf(tree.roots)]
  const texts = createTexts()
  const { startMs } = storyOf(tree)
  const data = JSON.parse(JSON.stringify(packSpans(nodes, startMs, texts)))
  return { nodes, reader: readSpans(data, texts.list, startMs) }
}

describe('packed spans', () => {
  it.each([
    ['a run', sampleRun()],
    ['a run on hosts whose clocks differ', sampleRun({ 'coder-1': -4_000, origin: 900 })],
    ['a run of agents that write markup', hostileRun()],
    ['a run that lost its beginning', sampleRun().slice(5)],
  ])('are read as they were: %s', (_, spans) => {
    const { nodes, reader } = packed(spans)
    for (const [place, { span, startMs, endMs }] of nodes.entries()) {
      const { links, startMs: from, endMs: to, ...rest } = span
      const { startMs: readFrom, endMs: readTo, ...read } = reader.spanAt(place)
      expect(read).toEqual(rest)
      expect([readFrom, readTo]).toEqual([expect.closeTo(from, 2), expect.closeTo(to, 2)])
      expect(reader.length[place]).toBeCloseTo(endMs - startMs, 2)
      expect(reader.linksOf(place).map((link) => reader.idOf(link.place) || link.stray)).toEqual(
        (links ?? []).map(({ spanId }) => (reader.placeOf(spanId) < 0 ? '' : spanId)),
      )
    }
  })

  it('know who is above whom', () => {
    const { nodes, reader } = packed(sampleRun())
    for (const [place, { children }] of nodes.entries())
      for (const child of children) expect(reader.parent[nodes.indexOf(child)]).toBe(place)
    expect([reader.parent[0], reader.end[0]]).toEqual([-1, nodes.length])
  })

  it('know links from both ends', () => {
    const { reader } = packed(sampleRun())
    const [send, turn] = [reader.placeOf(sampleId('read.found')), reader.placeOf(sampleId('code.2'))]
    expect(reader.linksOf(turn).map(({ place }) => place)).toEqual([send])
    expect(reader.backlinksOf(send).map(({ place }) => place)).toEqual([turn])
  })

  it.each([
    [['RUN_TESTS'], ['code.test', 'code.again']],
    [['run_tests', 'failed'], ['code.test']],
    [['9455'], ['code.mend']],
    [['nothing of the kind'], []],
  ])('are found by words: %s', (words, ids) => {
    const { nodes, reader } = packed(sampleRun())
    const found = [...reader.find(words)].flatMap((match, place) =>
      match ? [nodes[place]!.span.spanId] : [],
    )
    expect(found).toEqual(ids.map(sampleId))
  })
})

describe('a number that JSON does not have', () => {
  it('is read as its text, of a span and of its resource', () => {
    const odd = { nan: Number.NaN, most: Number.POSITIVE_INFINITY }
    const { reader } = packed(
      sampleRun().map((span) => ({
        ...span,
        attributes: { ...span.attributes, ...odd },
        resource: { ...span.resource, ...odd },
      })),
    )
    const { attributes, resource } = reader.spanAt(0)
    expect([attributes, resource]).toEqual([
      expect.objectContaining({ nan: 'NaN', most: 'Infinity' }),
      expect.objectContaining({ nan: 'NaN', most: 'Infinity' }),
    ])
  })
})

describe('a column', () => {
  it.each([
    ['one text', ['a', 'a'], { all: 'a' }],
    ['texts', ['a', 'b', 'a'], { text: [0, 1, 0] }],
    ['numbers', [1, 2], { plain: [1, 2] }],
    ['a number and its text', [1, '1'], { plain: [1, '1'] }],
    ['lists', [['a'], ['a']], { plain: [['a'], ['a']] }],
  ])('of %s says them as shortly as it can', (_, values, shape) => {
    const texts = createTexts()
    const column = columnOf(values, texts)
    expect(column).toEqual(shape)
    expect(values.map((_, row) => valueIn(column, row, texts.list))).toEqual(values)
  })
})
