import { describe, expect, it } from 'vitest'
import { flawsOf } from '../../../traces/read/flaws.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

const spans = sampleRun()
const without = (...ids: readonly string[]) => {
  const left = new Set(ids.map(sampleId))
  return spans.filter(({ spanId }) => !left.has(spanId))
}

describe('the flaws of a trace', () => {
  it('are none of a whole one, whatever the order, and whatever came twice', () => {
    expect(flawsOf(spans)).toEqual([])
    expect(flawsOf([...spans, ...spans].reverse())).toEqual([])
  })

  it.each([
    ['nothing at all', [], ['0 traces: ', '0 roots: ']],
    ['no root', without('run'), ['0 roots: ', '2 orphans: invoke_agent origin', '1 missing parents: ']],
    ['a missing parent', without('code.2'), [`1 missing parents: ${sampleId('code.2')}`]],
    ['a link to what is not there', without('code.result'), ['1 spans with links that lead nowhere: turn']],
    ['two traces', [...spans, { ...spans[0]!, traceId: 'a'.repeat(32) }], ['2 traces: ', '2 roots: ']],
  ])('are told of one with %s', (_, broken, flaws) => {
    const found = flawsOf(broken)
    for (const flaw of flaws) expect(found).toContainEqual(expect.stringContaining(flaw))
  })
})
