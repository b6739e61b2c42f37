import { describe, expect, it } from 'vitest'
import { spanIdOf, traceIdOf } from '../../../traces/propagation.ts'
import { normaliseTree } from '../../../traces/read/golden.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

describe('a normalised tree', () => {
  it('says names, kinds, states, status and links', async () => {
    await expect(normaliseTree(sampleRun())).toMatchFileSnapshot('../golden/normalised.txt')
  })

  it('is the same for other ids, times and clocks', () => {
    const other = (id: string) => spanIdOf(`other ${id}`)
    const run = sampleRun({ 'coder-1': -90_000 }).map((span) => ({
      ...span,
      traceId: traceIdOf('other'),
      spanId: other(span.spanId),
      ...(span.parentSpanId && { parentSpanId: other(span.parentSpanId) }),
      ...(span.links && {
        links: span.links.map((link) => ({ traceId: traceIdOf('other'), spanId: other(link.spanId) })),
      }),
      startMs: span.startMs * 1.5,
      endMs: span.endMs * 1.5,
    }))
    expect(normaliseTree(run)).toBe(normaliseTree(sampleRun()))
  })

  it('marks orphans, and links that lead out of the trace', () => {
    const code = new Set(['code', 'code.2'].map(sampleId))
    expect(normaliseTree(sampleRun().filter(({ spanId }) => code.has(spanId)))).toBe(
      [
        '1 invoke_agent coder (internal) orphan\n',
        '  2 turn task.result (consumer) waiting → thinking, links to elsewhere\n',
      ].join(''),
    )
  })

  it('is the same whoever was faster, where it is ordered by its text', () => {
    const late = ({ spanId }: Span) => (spanId === sampleId('assign.code') ? 3 : 0)
    const slow = sampleRun().map((span) => ({
      ...span,
      startMs: span.startMs + late(span),
      endMs: span.endMs + late(span),
    }))
    expect(normaliseTree(slow)).not.toBe(normaliseTree(sampleRun()))
    expect(normaliseTree(slow, { order: 'text' })).toBe(normaliseTree(sampleRun(), { order: 'text' }))
  })

  it('shows what is asked for, and what it hangs from', () => {
    const only = ({ name }: Span) => name.startsWith('send role.researcher')
    expect(normaliseTree(sampleRun(), { only })).toBe(
      [
        '1 invoke_workflow mesh (internal)\n',
        '  2 invoke_agent origin (internal)\n',
        '    3 turn run.start (consumer) new → waiting\n',
        '      4 send role.planner (producer) task.plan\n',
        '        5 invoke_agent planner (internal)\n',
        '          6 turn xstate.done.actor.chat (internal) thinking → done\n',
        '            7 send role.researcher (producer) task.assign\n',
      ].join(''),
    )
  })

  it('tells equal workers apart by nothing, where it is ordered by its text', () => {
    const trace = (first: 'left' | 'right') => {
      const at = (name: string, startMs: number, parent?: string, link?: string): Span => ({
        ...{
          traceId: 'a'.repeat(32),
          spanId: spanIdOf(name),
          kind: 'internal',
          resource: {},
          attributes: {},
        },
        ...{ name: name.replace(/ (left|right)$/, ''), startMs, endMs: startMs + 1 },
        ...(parent && { parentSpanId: spanIdOf(parent) }),
        ...(link && { links: [{ traceId: 'a'.repeat(32), spanId: spanIdOf(link) }] }),
      })
      const second = first === 'left' ? 'right' : 'left'
      return [
        at('root', 0),
        at('work left', 1, 'root'),
        at('work right', 1, 'root'),
        at('send left', first === 'left' ? 2 : 4, 'work left'),
        at('send right', first === 'right' ? 2 : 4, 'work right'),
        at('waits', 3, 'root', `send ${first}`),
        at('done', 5, 'root', `send ${second}`),
      ]
    }
    const options = { order: 'text' } as const
    expect(normaliseTree(trace('left'), options)).toBe(normaliseTree(trace('right'), options))
  })
})
