/** What the page says of a span and of its links, for whoever does not know its attributes. */
import { describe, expect, it } from 'vitest'
import {
  askPersonName,
  chatName,
  executeToolName,
  GEN_AI,
  invokeAgentName,
  LINK,
  relayName,
  runOverName,
  SKEIN,
  sendName,
  takeoverName,
  turnName,
} from '../../../traces/names.ts'
import { linkWords } from '../../../traces/page/link-words.ts'
import { sentenceOf } from '../../../traces/page/sentence.ts'
import { sortOf } from '../../../traces/page/span-sort.ts'
import type { Span } from '../../../traces/span.ts'

const span = (name: string, attributes: Span['attributes'] = {}, more: Partial<Span> = {}): Span => ({
  ...{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), name, kind: 'internal', startMs: 0, endMs: 1 },
  attributes: { [SKEIN.conversation]: 'code', ...attributes },
  resource: {},
  ...more,
})

describe('a span', () => {
  it('is told by its name, whichever skein gives it', () => {
    const names = [
      ...[
        invokeAgentName('coder'),
        executeToolName('read_file'),
        chatName('gpt-5'),
        turnName('task.request'),
      ],
      ...[sendName('role.coder'), relayName('task.request'), askPersonName('stamp'), takeoverName('coder')],
    ]
    expect(names.map(sortOf)).toEqual([
      ...['agent', 'tool', 'chat', 'turn', 'send', 'relay', 'person', 'takeover'],
    ])
    expect([runOverName('completed'), 'constructor', 'GET /'].map(sortOf)).toEqual([
      'other',
      'other',
      'other',
    ])
  })

  it.each<[string, Span, string]>([
    [
      'of a turn by what it took and where it went',
      span(turnName('task.request'), {
        ...{ [SKEIN.event]: 'task.request', [SKEIN.stateFrom]: 'new', [SKEIN.stateTo]: 'thinking' },
        [SKEIN.queueMs]: 2_000,
      }),
      'coder-1 took task.request in code and went from new to thinking. The message had lain for 2.00 s.',
    ],
    [
      'of a turn that an effect led to',
      span(turnName('xstate.error.actor.tool'), {
        ...{
          [SKEIN.event]: 'xstate.error.actor.tool',
          [SKEIN.stateFrom]: 'acting',
          [SKEIN.stateTo]: 'acting',
        },
      }),
      'coder-1 was told that tool had failed in code and stayed acting.',
    ],
    [
      'of a send that nobody took',
      span(sendName('role.coder'), {
        ...{ [SKEIN.event]: 'task.request', [SKEIN.toRole]: 'coder', [SKEIN.toConversation]: 'code' },
      }),
      'coder-1 sent task.request to coder, for code. Nobody took it.',
    ],
    [
      'of a wait for a person by what was decided',
      span(askPersonName('stamp'), {
        ...{ [GEN_AI.toolName]: 'stamp', [SKEIN.personKind]: 'approval' },
        ...{ [SKEIN.personDecision]: 'deny', [SKEIN.personBy]: 'jo@desk' },
      }),
      'coder-1 waited for a person to approve stamp in code. The decision: deny, by jo@desk.',
    ],
    [
      'of a relay',
      span(relayName('task.request'), { [SKEIN.event]: 'task.request' }),
      'coder-1 passed task.request on, as the topology of the run has it.',
    ],
    [
      'of a run that is over by its reason',
      span(runOverName('failed'), { [SKEIN.reason]: 'the tests fail' }),
      'the tests fail',
    ],
  ])('has a sentence: %s', (_, of, sentence) => {
    expect(sentenceOf(of, { peer: 'coder-1' })).toBe(sentence)
  })
})

describe('a link', () => {
  it('has words of its own for every kind that skein makes, at both ends', () => {
    const words = Object.values(LINK).flatMap((kind) => [linkWords(kind, 'from'), linkWords(kind, 'to')])
    expect(new Set(words).size).toBe(words.length)
    expect(words.filter((text) => text.startsWith('linked'))).toEqual([])
  })

  it('of another kind, or of none, is a link', () => {
    expect(linkWords('', 'from')).toBe('linked to')
    expect(linkWords('constructor', 'from')).toBe('linked to (constructor)')
    expect(linkWords('', 'to')).toBe('linked from')
  })
})
