import { describe, expect, it } from 'vitest'
import { type FailureKind, failureKindSchema } from '../../protocols/failure.ts'
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import type { Outcome, RunResult } from '../../protocols/run.ts'
import type { Conclusion } from '../../src/run/change-run.ts'
import {
  conclusionOf,
  limitReached,
  outputOf,
  quietReason,
  wayTo,
  withPeople,
  withWay,
} from '../../src/run/conclusion.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

const to = (name: string) => conversationId(runId('r1'), name)
/** The `number`-th message from one conversation to another. */
const from = (sender: string, receiver: string, number = 1) => messageId(to(sender), to(receiver), number)

type Turn = {
  readonly turn?: number
  /** A message or an effect. */
  readonly took?: string
  readonly sends?: readonly string[]
  readonly limit?: 'hops' | 'messages'
} & Partial<Pick<ConversationRecord, 'phase' | 'role' | 'output' | 'problem' | 'effects'>>

/** A commit to the conversation of this name. */
const commit = (name: string, { turn = 1, took, sends = [], limit, ...more }: Turn = {}) =>
  ({
    conversation: to(name),
    role: name === 'origin' ? 'origin' : 'worker',
    turn,
    phase: 'open',
    output: null,
    problem: null,
    outbox: sends.map((id) => ({ message: { id } })),
    took: { event: 'x', from: 'a', to: 'b', ...(took && { id: took }), ...(limit && { limit }) },
    ...more,
  }) as unknown as ConversationRecord

/** Conversations of which each spoke to the next; the last one reached a limit, if any did. */
const chain = (length: number, limit?: Turn['limit']) =>
  Array.from({ length }, (_, index) =>
    commit(`c${index}`, {
      ...(index > 0 && { took: from(`c${index - 1}`, `c${index}`) }),
      sends: [from(`c${index}`, `c${index + 1}`)],
      ...(index === length - 1 && limit && { limit }),
    }),
  )

describe('what the origin of a run ended with', () => {
  const answer: OriginOutput = { kind: 'answer', type: 'parcel.done', body: {} }

  it('is what its machine ended with', () => {
    expect(outputOf(commit('origin', { phase: 'closed', output: answer }))).toBe(answer)
  })

  it('is a failure where its machine broke', () => {
    expect(outputOf(commit('origin', { phase: 'closed', problem: 'too large' }))).toEqual({
      kind: 'failure',
      failure: 'error',
      reason: 'too large',
    })
  })

  it.each([
    ['is not there yet', undefined],
    ['still waits', commit('origin', { output: answer })],
    ['ended with nothing', commit('origin', { phase: 'closed' })],
  ])('is nothing where it %s', (_, origin) => {
    expect(outputOf(origin)).toBeUndefined()
  })

  it('is nothing where the end of its run closed it', () => {
    const closed = commit('origin', { phase: 'closed', problem: 'its run ended' })
    expect(outputOf({ ...closed, took: { event: 'ended', from: 'waiting', to: 'failed' } })).toBeUndefined()
  })
})

describe('the conclusion', () => {
  const outcomes: Readonly<Record<FailureKind, Outcome>> = {
    'no-peer': 'exhausted',
    refused: 'failed',
    timeout: 'exhausted',
    died: 'failed',
    invalid: 'failed',
    exhausted: 'exhausted',
    cancelled: 'cancelled',
    error: 'failed',
  }

  it.each(failureKindSchema.options)(
    'on a failure of kind "%s" is what became of the run, with its reason',
    (kind) => {
      expect(conclusionOf({ kind: 'failure', failure: kind, reason: 'because' })).toEqual({
        outcome: outcomes[kind],
        reason: 'because',
      })
    },
  )

  const result: RunResult = {
    outcome: 'unsatisfied',
    reason: 'no time',
    tree: null,
    patch: null,
    report: null,
  }

  it('on a result is what the result says', () => {
    expect(conclusionOf({ kind: 'answer', type: 'run.result', body: result })).toEqual({
      outcome: 'unsatisfied',
      reason: 'no time',
    })
  })

  it.each<[string, OriginOutput & { kind: 'answer' }]>([
    ['another answer', { kind: 'answer', type: 'parcel.done', body: { what: 'it' } }],
    ['another answer that looks like a result', { kind: 'answer', type: 'parcel.done', body: result }],
    ['a result that does not parse', { kind: 'answer', type: 'run.result', body: { outcome: 'fine' } }],
  ])('on %s is that it was completed', (_, output) => {
    expect(conclusionOf(output)).toEqual({ outcome: 'completed', reason: null })
  })
})

describe('the way to a commit', () => {
  const submitted = from('submit', 'origin')
  const origin = commit('origin', { took: submitted, sends: [from('origin', 'goal')] })
  const goal = commit('goal', {
    took: from('origin', 'goal'),
    sends: [from('goal', 'left'), from('goal', 'right')],
  })

  it('is the conversations that the messages went through, from the first one', () => {
    const left = commit('left', { took: from('goal', 'left') })
    const right = commit('right', { took: from('goal', 'right') })
    expect(wayTo(right, [origin, goal, left, right])).toEqual(['origin', 'goal', 'right'].map(to))
  })

  it('is that conversation alone where nobody else is known', () => {
    expect(wayTo(goal, [goal])).toEqual([to('goal')])
    expect(wayTo(goal, [])).toEqual([to('goal')])
  })

  it('goes through an effect to the turn that asked for it', () => {
    const asked = commit('left', { turn: 3, took: from('goal', 'left') })
    const other = commit('left', { turn: 4, took: from('stranger', 'left') })
    const called = commit('left', { turn: 5, took: '3.0' })
    expect(wayTo(called, [origin, goal, asked, other, called])).toEqual(['origin', 'goal', 'left'].map(to))
  })

  it('goes through a timer to the turn before', () => {
    const set = commit('left', { turn: 1, took: from('goal', 'left') })
    const due = commit('left', { turn: 2 })
    expect(wayTo(due, [origin, goal, set, due])).toEqual(['origin', 'goal', 'left'].map(to))
  })

  it('names a conversation again that it comes back to', () => {
    const left = commit('left', { took: from('goal', 'left'), sends: [from('left', 'goal')] })
    const back = commit('goal', { turn: 2, took: from('left', 'goal'), sends: [from('goal', 'left', 2)] })
    const again = commit('left', { turn: 2, took: from('goal', 'left', 2) })
    expect(wayTo(again, [origin, goal, left, back, again])).toEqual(
      ['origin', 'goal', 'left', 'goal', 'left'].map(to),
    )
  })

  it('is not cut off by a takeover, which repeats what it takes over', () => {
    // The turn that was taken over and what it sends stand there again, with nothing that was taken.
    const overtaken = { ...goal, took: { event: 'takeover', from: 'b', to: 'b' } }
    const left = commit('left', { took: from('goal', 'left') })
    expect(wayTo(left, [origin, goal, overtaken, left])).toEqual(['origin', 'goal', 'left'].map(to))
    const due = commit('goal', { turn: 2 })
    expect(wayTo(due, [origin, goal, overtaken, due])).toEqual(['origin', 'goal'].map(to))
  })

  it('ends where records that should not be lead in a circle', () => {
    const one = commit('one', { took: from('two', 'one'), sends: [from('one', 'two')] })
    const two = commit('two', { took: from('one', 'two'), sends: [from('two', 'one')] })
    expect(wayTo(one, [one, two])).toEqual([to('two'), to('one')])
  })
})

describe('a limit that was reached', () => {
  it('is none where none kept anybody from sending', () => {
    expect(limitReached([])).toBeUndefined()
    expect(limitReached(chain(3))).toBeUndefined()
  })

  it.each([
    ['hops', 'no hops were left: c0 → c1 → c2'],
    ['messages', 'no messages were left: c0 → c1 → c2'],
  ] as const)('says which, of %s, and the way there', (limit, text) => {
    expect(limitReached(chain(3, limit))).toBe(text)
  })

  it('is the last one, where there are several', () => {
    const early = commit('early', { limit: 'messages' })
    expect(limitReached([early, ...chain(2, 'hops'), commit('late')])).toBe('no hops were left: c0 → c1')
  })

  it('shows a way as it is where leaving something out would save nothing', () => {
    const text = limitReached(chain(13, 'hops'))!
    expect(text).not.toContain('…')
    expect(text.split(' → ')).toHaveLength(13)
  })

  it('shows the beginning and the end of a long way', () => {
    expect(limitReached(chain(20, 'hops'))).toBe(
      'no hops were left: c0 → c1 → c2 → c3 → … 8 more … → c12 → c13 → c14 → c15 → c16 → c17 → c18 → c19',
    )
  })
})

describe('what the origin was told of a limit', () => {
  const conclusion = (reason: string | null, outcome: Conclusion['outcome'] = 'exhausted') => ({
    outcome,
    reason,
  })

  it('has the way that led there', () => {
    expect(
      withWay(conclusion('"parcel.done" could not be sent: no hops are left'), chain(3, 'hops')),
    ).toEqual(conclusion('"parcel.done" could not be sent: no hops are left, on the way c0 → c1 → c2'))
  })

  it('has the limit as well, where somebody else said what it led to', () => {
    expect(withWay(conclusion('nothing came of it'), chain(2, 'messages'))).toEqual(
      conclusion('nothing came of it; no messages were left: c0 → c1'),
    )
    expect(withWay(conclusion(null), chain(2, 'messages'))).toEqual(
      conclusion('no messages were left: c0 → c1'),
    )
  })

  it('is left as it is where there was no such limit, or it was no hindrance', () => {
    expect(withWay(conclusion('too few tokens'), chain(3))).toEqual(conclusion('too few tokens'))
    expect(withWay(conclusion(null, 'completed'), chain(3, 'hops'))).toEqual(conclusion(null, 'completed'))
  })
})

describe('why a run is quiet', () => {
  it('names who still waits to be spoken to, as they are by now, and not the origin', () => {
    const journal = [
      commit('origin'),
      commit('left'),
      commit('right'),
      commit('right', { turn: 2, phase: 'closed' }),
      commit('shy', { role: 'critic' as never }),
    ]
    expect(quietReason(journal)).toBe(
      'nothing is under way any more, and nobody answered; still waiting to hear from somebody: worker left (b), critic shy (b)',
    )
  })

  it('names nobody where nobody does', () => {
    expect(quietReason([commit('origin'), commit('left', { phase: 'closed' })])).toBe(
      'nothing is under way any more, and nobody answered',
    )
  })
})

describe('a run that had no time left', () => {
  const late: Conclusion = { outcome: 'exhausted', reason: 'no answer in time' }
  const asked = (name: string, tool: string): ConversationRecord =>
    ({ ...commit(name), effects: [{ name: '1.0', src: 'person', input: { tool } }] }) as never
  const told = (name: string, result: unknown): ConversationRecord =>
    ({
      ...commit(name, { turn: 2 }),
      effects: [],
      took: { event: 'x', from: 'a', to: 'b', id: '1.0', input: { kind: 'outcome', result } },
    }) as never
  const idle = (name: string): ConversationRecord => ({ ...commit(name), effects: [] }) as never

  it('says what waited for a person whom nobody heard of', () => {
    const unanswered = { ok: false, error: { code: 'tool.unanswered', message: '' } }
    const denied = { ok: false, error: { code: 'tool.denied', message: '' } }
    const journal = [
      ...[asked('a', 'pay'), asked('b', 'merge_work'), asked('c', 'pay'), asked('d', 'pay'), idle('e')],
      ...[told('a', unanswered), told('b', denied), told('c', { ok: true, output: {} })],
    ]
    expect(withPeople(late, journal).reason).toBe(
      'no answer in time; nobody decided on 2 calls that wait for a person: pay of a, pay of d',
    )
    expect(withPeople({ ...late, outcome: 'failed' }, journal).reason).toBe('no answer in time')
  })

  it('says nothing of people where all that was asked was decided', () => {
    expect(withPeople(late, [asked('a', 'pay'), told('a', { ok: true, output: {} })])).toBe(late)
  })

  it('says nothing of a call that its conversation went on without', () => {
    expect(withPeople(late, [asked('a', 'pay'), commit('a', { turn: 2, effects: [] })])).toBe(late)
  })

  it('tells of what waited when the run ended', () => {
    const closed = {
      ...commit('a', { turn: 2, effects: [] }),
      took: { event: 'ended', from: 'a', to: 'failed' },
    }
    expect(withPeople(late, [asked('a', 'pay'), closed]).reason).toMatch(/pay of a$/)
  })
})
