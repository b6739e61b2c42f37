import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, enqueueActions } from 'xstate'
import { messageId } from '../../protocols/ids.ts'
import { addStake, formatStake, NO_STAKE, parseStake } from '../../src/run/stake.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import {
  answers,
  asks,
  client,
  DEADLINE,
  type Emitted,
  failuresOf,
  heardBy,
  IDLE,
  job,
  NOW,
  notes,
  nothingHeard,
  orders,
  parcels,
  play,
  said,
  stop,
  told,
  turn,
  worker,
} from './stage.ts'

type Actions = Parameters<typeof parcels.createMachine>[0]

/** On an order it emits these; on a note it answers; failures it hears. */
const emitting = (...emitted: object[]): AnyStateMachine =>
  parcels.createMachine({
    context: nothingHeard,
    on: {
      'parcel.order': {
        actions: enqueueActions(({ enqueue }) => {
          for (const event of emitted) enqueue.emit(event as Emitted)
        }),
      },
      'parcel.ask': { actions: 'hear' },
      'parcel.told': { actions: 'hear' },
      'parcel.note': { actions: 'answer' },
      failure: { actions: 'hear' },
    },
  } as Actions)

const help = { role: 'helper', conversation: 'help' }
const question = { type: 'parcel.ask', body: { about: 'it' }, to: help }
const explanation = { type: 'parcel.told', body: { about: 'it' } }
const answer = { type: 'parcel.done', body: { what: 'it' } }
const first = messageId(client.conversation, job, 1)

/** Which requests a turn answers. */
const answered = ({ outbox }: ConversationRecord) => outbox.map(({ message: { correlation } }) => correlation)

/** Who gets what: mailbox, conversation, and the message that it answers. */
const posted = ({ outbox }: ConversationRecord) =>
  outbox.map(({ mailbox, message: { to, correlation } }) => [
    mailbox.kind === 'role' ? mailbox.role : mailbox.peer,
    to.conversation,
    correlation,
  ])

describe('an answer', () => {
  it('goes back to the peer that asked', () => {
    const record = play(worker(emitting(answer)), orders('milk'))
    expect(posted(record)).toEqual([['client-1', client.conversation, first]])
    expect(record.requests).toEqual([])
  })

  it('goes to every stop of the slip, and not back', () => {
    const slip = [stop('reader', 'one'), stop('writer', 'two', { peer: client.peer })]
    const record = play(worker(emitting(answer)), orders('milk', { slip }))
    expect(posted(record)).toEqual([
      ['reader', 'r1/one', first],
      ['client-1', 'r1/two', first],
    ])
  })

  it('answers at a stop what that stop says it waits for', () => {
    const correlation = messageId(stop('reader', 'one').conversation, job, 4)
    const record = play(
      worker(emitting(answer)),
      orders('milk', { slip: [stop('reader', 'one', { correlation })] }),
    )
    expect(posted(record)).toEqual([['reader', 'r1/one', correlation]])
  })

  it('answers the oldest request of its kind, unless it names one', () => {
    const behaviour = worker(emitting())
    const open = play(behaviour, orders('milk'), orders('bread', { number: 2 }))
    expect(answered(turn(behaviour, open, notes('answer', { number: 3 })))).toEqual([first])
    const second = messageId(client.conversation, job, 2)
    const named = worker(emitting({ ...answer, answers: second }))
    expect(answered(play(named, asks('it'), orders('bread', { number: 2 })))).toEqual([second])
  })

  it('answers only what its type may answer', () => {
    const record = play(worker(emitting(explanation)), asks('it'), orders('milk', { number: 2 }))
    expect(answered(record)).toEqual([first])
    expect(record.requests).toMatchObject([{ type: 'parcel.order' }])
  })
})

describe('a request that is handed over', () => {
  const handing = (open: ConversationRecord) =>
    worker(emitting({ ...question, slip: [{ ...client, correlation: open.requests[0]!.id }] }))

  it('is owed by whoever gets it, and no longer here', () => {
    const open = play(worker(emitting()), orders('milk'))
    const record = turn(handing(open), open, orders('bread', { number: 2 }))
    expect(record.requests.map(({ id }) => id)).toEqual([messageId(client.conversation, job, 2)])
    expect(record.outbox[0]!.message.slip).toEqual([{ ...client, correlation: first }])
    expect(record.awaiting).toEqual([])
  })

  it('is answered by the new owner with the correlation of the first request', () => {
    const slip = [{ ...client, correlation: first }]
    const record = play(worker(emitting(answer)), orders('milk', { number: 7, slip }))
    expect(posted(record)).toEqual([['client-1', client.conversation, first]])
  })

  it('fails with the correlation of the first request where the hops are used up', () => {
    const open = play(worker(emitting()), orders('milk', { hops: 0 }))
    const record = turn(handing(open), open, orders('bread', { number: 2, hops: 0 }))
    expect(failuresOf(record)).toEqual([{ to: client.conversation, kind: 'exhausted', of: first }])
  })
})

describe('what is sent', () => {
  it('goes to the role, or to the peer that is named', () => {
    const record = play(
      worker(emitting(question, { ...question, to: { ...help, peer: 'helper-7' } })),
      orders('milk'),
    )
    expect(posted(record)).toEqual([
      ['helper', 'r1/help', undefined],
      ['helper-7', 'r1/help', undefined],
    ])
  })

  it('is numbered for each addressee, turn after turn', () => {
    const behaviour = worker(emitting(question, { ...question, to: { ...help, conversation: 'other' } }))
    const ids = (record: ConversationRecord) => record.outbox.map(({ message: { id } }) => id)
    const one = play(behaviour, orders('milk'))
    expect(ids(one)).toEqual(['r1/job>r1/help#1', 'r1/job>r1/other#1'])
    expect(ids(turn(behaviour, one, orders('milk', { number: 2 })))).toEqual([
      'r1/job>r1/help#2',
      'r1/job>r1/other#2',
    ])
  })

  it('inherits deadline and hops, one hop less, of the message that caused it', () => {
    const { outbox } = play(worker(emitting(question)), orders('milk', { hops: 5 }))
    expect(outbox[0]!.message).toMatchObject({ deadline: DEADLINE, hops: 4, sentAt: NOW })
  })

  it('does not inherit from a message that is still kept for later', () => {
    const behaviour = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'first',
        states: {
          first: { on: { 'parcel.note': { target: 'second', actions: parcels.emit(question as Emitted) } } },
          second: { on: { 'parcel.ask': { actions: 'hear' }, failure: { actions: 'hear' } } },
        },
      }),
    )
    const kept = play(behaviour, asks('it', { hops: 1, deadline: NOW + 1 }))
    const { outbox, limits } = turn(behaviour, kept, notes('go', { number: 2, hops: 7 }))
    expect(outbox[0]!.message).toMatchObject({ hops: 6, deadline: DEADLINE })
    // By now it was taken.
    expect(limits).toEqual({ hops: 1, deadline: NOW + 1 })
  })

  it.each([
    [1_000, NOW + 1_000],
    [1_000.4, NOW + 1_000],
    [10 * 60_000, DEADLINE],
    [undefined, DEADLINE],
  ])('is awaited for %j ms, but not beyond the deadline', (timeoutMs, dueAt) => {
    const record = play(worker(emitting({ ...question, timeoutMs })), orders('milk'))
    expect(record.awaiting).toMatchObject([{ type: 'parcel.ask', dueAt }])
    expect(record.outbox[0]!.message.deadline).toBe(dueAt)
  })

  it('is not awaited where nobody answers it, or where its answer goes elsewhere', () => {
    const record = play(
      worker(
        emitting(
          { type: 'parcel.note', body: { text: 'x' }, to: help },
          { ...question, slip: [stop('reader', 'one')] },
        ),
      ),
      orders('milk'),
    )
    expect(record.outbox).toHaveLength(2)
    expect(record.awaiting).toEqual([])
  })

  it('does not inherit from an answer, which may have come a long way', () => {
    const behaviour = worker(emitting(question))
    const asking = play(behaviour, orders('milk'))
    const late = answers(asking, told, { about: 'it' }) as { message: object }
    const record = turn(behaviour, asking, { ...late, message: { ...late.message, hops: 1 } } as never)
    expect(record.limits).toEqual({ deadline: DEADLINE, hops: 8 })
  })
})

describe('where no hops are left', () => {
  it('a question fails to its own machine', () => {
    const record = play(worker(emitting(question)), orders('milk', { hops: 0 }))
    expect(said(record)).toEqual([IDLE])
    expect(record.awaiting).toEqual([])
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'exhausted' } }])
  })

  it('an answer becomes a failure, so that nobody waits', () => {
    const record = play(worker(emitting(answer)), orders('milk', { hops: 0 }))
    expect(failuresOf(record)).toEqual([{ to: client.conversation, kind: 'exhausted', of: first }])
  })

  it('whoever waits along a slip is told, with the id of what was not sent', () => {
    const slip = [stop('reader', 'one'), stop('reader', 'two')]
    const record = play(worker(emitting({ ...question, slip })), orders('milk', { hops: 0 }))
    const of = messageId(job, stop('helper', 'help').conversation, 1)
    expect(failuresOf(record)).toEqual([
      { to: 'r1/one', kind: 'exhausted', of },
      { to: 'r1/two', kind: 'exhausted', of },
    ])
  })

  it('a machine that asks again and again fails', () => {
    const stubborn = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': { actions: parcels.emit(question as Emitted) },
          failure: { actions: parcels.emit(question as Emitted) },
        },
      }),
    )
    expect(play(stubborn, orders('milk', { hops: 0 })).problem).toMatch(/keeps sending what cannot be sent/)
  })
})

describe('stake', () => {
  it('is neither made nor lost by a turn, whatever it sends (R1)', () => {
    const sends = fc.constantFrom(question, { ...question, slip: [stop('reader', 'one')] }, answer)
    const stakes = fc.array(fc.constantFrom('1p0', '5p3', '3p4'), { minLength: 1, maxLength: 4 })
    const sum = (all: readonly string[]) => formatStake(all.map(parseStake).reduce(addStake, NO_STAKE))
    fc.assert(
      fc.property(fc.array(sends, { maxLength: 4 }), stakes, (emitted, brought) => {
        const behaviour = worker(emitting(...emitted))
        let record: ConversationRecord | undefined
        for (const [index, stake] of brought.entries()) {
          const held = record?.stake ?? '0p0'
          record = turn(behaviour, record, orders('x', { number: index + 1, stake }))
          const sent = record.outbox.map(({ message }) => message.stake)
          expect(sum([record.stake, ...sent])).toBe(sum([held, stake]))
        }
      }),
      { numRuns: 50 },
    )
  })
})
