import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GENERAL,
  MESSAGING,
  MESSAGING_OPERATION,
  SKEIN,
  sendName,
  takeoverName,
} from '../../../traces/names.ts'
import { spanIdOf } from '../../../traces/propagation.ts'
import { type SequenceOptions, sequence } from '../../../traces/read/sequence.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { AttributeValue, Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'
import { faultsOf } from './mermaid-grammar.ts'

const draw = (spans: readonly Span[], options?: SequenceOptions): string =>
  sequence(storyOf(traceTree(spans)), options)

const spansById = new Map(sampleRun().map((span) => [span.spanId, span]))
const byId = (id: string): Span => spansById.get(sampleId(id))!

/** A further send of the coder's last turn, `at` milliseconds after it; nobody takes it. */
const sent = (
  at: number,
  attributes: Record<string, AttributeValue>,
  spanId = spanIdOf(`sent ${at}`),
): Span => ({
  ...byId('code.result'),
  spanId,
  name: sendName('role.coder'),
  startMs: byId('code.6').startMs + 20 + at,
  endMs: byId('code.6').startMs + 20 + at,
  attributes: {
    [SKEIN.peer]: 'coder-1',
    [MESSAGING.operationName]: MESSAGING_OPERATION.send,
    [MESSAGING.messageId]: spanId,
    [SKEIN.event]: 'review.request',
    [SKEIN.toRole]: 'reviewer',
    [SKEIN.toConversation]: 'review',
    ...attributes,
  },
})

/** Somebody takes these messages, in a turn each. */
const taken = (sends: readonly Span[]): Span[] => [
  ...sends,
  ...sends.map(({ spanId, startMs }, index): Span => {
    const attributes = {
      ...byId('code.6').attributes,
      [SKEIN.turn]: 10 + index,
      [MESSAGING.messageId]: spanId,
    }
    return {
      ...byId('code.6'),
      spanId: spanIdOf(`took ${spanId}`),
      startMs: startMs + 1,
      endMs: startMs + 1,
      attributes,
    }
  }),
]

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('a sequence diagram', () => {
  it('shows who said what to whom', async () => {
    const diagram = draw(sampleRun())
    expect(faultsOf(diagram)).toEqual([])
    await expect(diagram).toMatchFileSnapshot('../golden/sequence.txt')
  })

  it('dashes answers, crosses failures, and says what nobody took', () => {
    const diagram = draw([
      ...sampleRun(),
      ...taken([sent(1, { [MESSAGING.messageConversationId]: 'a question' })]),
      ...taken([
        sent(2, {
          [SKEIN.event]: 'failure',
          [SKEIN.failure]: 'no-peer',
          [MESSAGING.messageConversationId]: 'q',
        }),
      ]),
      sent(3, {}),
    ])
    expect(faultsOf(diagram)).toEqual([])
    expect(diagram).toContain('p3-->>p3: review.request · review\n')
    expect(diagram).toContain('p3--xp3: failure · no-peer · review\n')
    expect(diagram).toContain('p3-)p5: review.request · review · taken by nobody\n')
    expect(diagram).toContain('participant p5 as role: reviewer\n')
  })

  it('notes takeovers, failures that came as no message, failed conversations, and the end', () => {
    const own = { [SKEIN.conversation]: 'code', [SKEIN.peer]: 'coder-2', [SKEIN.processBefore]: 'host/7' }
    const takeover: Span = {
      ...{ ...byId('code.2'), spanId: spanIdOf('takeover'), name: takeoverName('coder'), attributes: own },
      startMs: byId('code.3').startMs,
    }
    const spans = sampleRun().map((span) => {
      const more = (attributes: Record<string, AttributeValue>) => ({
        ...{ ...span, attributes: { ...span.attributes, ...attributes } },
      })
      if (span.spanId === sampleId('code.4'))
        return more({ [SKEIN.failure]: 'timeout', [GENERAL.errorType]: 'timeout' })
      return span.spanId === sampleId('code') ? more({ [SKEIN.outcome]: 'failed' }) : span
    })
    const diagram = draw([...spans, takeover])
    expect(faultsOf(diagram)).toEqual([])
    const notes = diagram.match(/Note .*/g)
    expect(notes).toEqual([
      'Note over p5: takes over coder code',
      'Note over p3: ✗ timeout in code',
      'Note over p3: ✗ coder code failed',
      'Note over p1,p5: run completed',
    ])
  })

  it('leaves accounting out and says so, unless all is asked for', () => {
    const spans = [...sampleRun(), ...taken(range(3).map((at) => sent(at, { [SKEIN.event]: 'run.idle' })))]
    expect(draw(spans)).toContain('%% 3 messages of accounting left out\n')
    expect(draw(spans)).not.toContain('run.idle')
    expect(draw(spans, { all: true }).match(/run\.idle/g)).toHaveLength(3)
  })

  it('folds what is said again and again into a loop, by rounds of several messages too', () => {
    const pingPong = (at: number) => [
      sent(4 * at, { [SKEIN.event]: 'ping' }),
      sent(4 * at + 2, {
        [SKEIN.event]: 'pong',
        [MESSAGING.messageConversationId]: 'x',
        [SKEIN.toConversation]: `c${at}`,
      }),
    ]
    const diagram = draw([...sampleRun(), ...taken(range(500).flatMap(pingPong))])
    expect(faultsOf(diagram)).toEqual([])
    expect(diagram).toContain(
      [
        '  loop 500 times',
        '    p3->>p3: ping · review',
        '    p3-->>p3: pong · 500 conversations',
        '  end',
        '',
      ].join('\n'),
    )
    expect(draw(taken(range(2).flatMap(pingPong)))).not.toContain('loop')
  })

  it('keeps to its lines, with the beginning, the end and what failed in between', () => {
    const many = range(3_000).map((at) => sent(at, { [SKEIN.event]: `step.${at}` }))
    const lost = sent(1_500.5, { [SKEIN.event]: 'step.lost' })
    const diagram = draw([...sampleRun(), ...taken(many), lost], { maxLines: 40 })
    expect(faultsOf(diagram)).toEqual([])
    const lines = diagram.split('\n').filter((line) => !/participant|sequenceDiagram|^$/.test(line))
    expect(lines.length).toBeLessThanOrEqual(41)
    expect(diagram).toContain('task.plan')
    expect(diagram).toContain('step.lost')
    expect(diagram).toContain('step.2999')
    const shown = diagram.match(/p\d+-+(>>|\))p\d+/g)!.length
    const leftOut = [...diagram.matchAll(/… (\d+) messages left out …/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    )
    expect(shown + leftOut).toBe(5 + 3_001)
    expect(draw([...sampleRun(), ...taken(many)], { all: true })).not.toContain('left out')
  })

  it('lets those share a column who are too many', () => {
    const spans = range(100).map((at) =>
      sent(at, { [SKEIN.peer]: `coder-${at}`, [SKEIN.event]: `step.${at}` }),
    )
    const diagram = draw(spans)
    expect(faultsOf(diagram)).toEqual([])
    expect(diagram.match(/participant/g)).toHaveLength(40)
    expect(diagram).toContain('participant p40 as 62 others\n')
  })

  it('is valid for a run of which there is nothing, or nothing but its end', () => {
    expect(draw([])).toBe('sequenceDiagram\n')
    const over = draw([byId('over')])
    expect(faultsOf(over)).toEqual([])
    expect(over).toContain('run completed')
  })

  it('is valid whatever peers, messages and conversations are called', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('end', '%%{init}', 'a;b#c', 'wrap: x', '"<b>', '\n\r\u2028', '', ' ', '😀'.repeat(80)),
    )
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, fc.boolean(), (peer, event, conversation, failure, isTaken) => {
        const said = { [SKEIN.peer]: peer, [SKEIN.event]: event, [SKEIN.toConversation]: conversation }
        const one = sent(1, { ...said, [SKEIN.toRole]: peer, [SKEIN.failure]: failure })
        expect(faultsOf(draw([...sampleRun(), ...(isTaken ? taken([one]) : [one])]))).toEqual([])
      }),
    )
  })
})
