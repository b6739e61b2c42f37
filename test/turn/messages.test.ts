import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageId } from '../../protocols/ids.ts'
import { DEFERRED_HARD_LIMIT, DEFERRED_LIMIT } from '../../src/turn/offer.ts'
import { originOf } from '../../src/turn/stake-moves.ts'
import { takeTurn } from '../../src/turn/turn.ts'
import {
  asker,
  client,
  context,
  done,
  fails,
  failuresOf,
  heardBy,
  IDLE,
  job,
  message,
  notes,
  nothingHeard,
  order,
  orders,
  parcels,
  play,
  published,
  run,
  said,
  turn,
  worker,
} from './stage.ts'

/** Hears every note. */
const listener = worker(
  parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } }),
)

/** Takes orders only once a note has opened it, and answers them. */
const shop = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'closed',
    states: {
      closed: { on: { 'parcel.note': 'open' } },
      open: { on: { 'parcel.order': { actions: ['hear', 'answer'] } } },
    },
  }),
)

describe('a message', () => {
  it('is taken once, however often it is delivered (T1)', () => {
    const record = play(listener, notes('one'))
    expect(heardBy(record)).toHaveLength(1)
    expect(takeTurn(listener, record, notes('one'), context())).toEqual({ kind: 'nothing', why: 'seen' })
  })

  it('is taken once in any order and among any others (T1)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (numbers) => {
        let record = play(listener, notes('first', { number: numbers[0]! }))
        for (const number of numbers.slice(1)) {
          const taken = takeTurn(listener, record, notes('more', { number }), context())
          if (taken.kind === 'commit') record = taken.record
        }
        expect(heardBy(record)).toHaveLength(new Set(numbers).size)
      }),
    )
  })

  it('reaches the machine with its type, body, id, sender and correlation, and nothing else', () => {
    const correlation = messageId(client.conversation, client.conversation, 1)
    const input = notes('hello', { correlation, hops: 3 })
    expect(heardBy(play(listener, input))).toEqual([
      {
        type: 'parcel.note',
        body: { text: 'hello' },
        id: messageId(client.conversation, job, 1),
        from: client,
        correlation,
      },
    ])
  })

  it('is refused when the role does not take it, whatever its protocol says of answers', () => {
    const record = play(listener, orders('milk'))
    expect(failuresOf(record)).toEqual([
      { to: client.conversation, kind: 'refused', of: messageId(client.conversation, job, 1) },
    ])
    expect(record.phase).toBe('open')
  })
})

describe('a message that the state does not take', () => {
  it('is kept, and taken after a change of state', () => {
    const waiting = play(shop, orders('milk'))
    expect(waiting.deferred).toHaveLength(1)
    expect(said(waiting)).toEqual([IDLE])
    const opened = turn(shop, waiting, notes('open', { number: 2 }))
    expect(opened.deferred).toEqual([])
    expect(said(opened)).toEqual([['parcel.done', { what: 'it' }]])
  })

  it('is offered again in the order of coming', () => {
    const inputs = ['one', 'two', 'three'].map((what, index) => orders(what, { number: index + 2 }))
    const record = play(shop, orders('zero'), ...inputs, notes('open', { number: 5 }))
    expect(heardBy(record).map(({ body }) => body)).toEqual(
      ['zero', 'one', 'two', 'three'].map((what) => ({ what })),
    )
  })

  it('is refused beyond the limit, and only if it asks for something', () => {
    const full = Array.from({ length: DEFERRED_LIMIT - 1 }, (_, index) => orders('x', { number: index + 2 }))
    const record = play(shop, orders('x'), ...full)
    const over = turn(shop, record, orders('y', { number: DEFERRED_LIMIT + 1 }))
    expect(failuresOf(over)).toMatchObject([{ kind: 'refused', to: client.conversation }])
    expect(over.deferred).toHaveLength(DEFERRED_LIMIT)
  })

  it('is kept beyond the limit if it answers something, since nobody would say it again', () => {
    const busy = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'busy',
        states: {
          busy: { on: { 'parcel.order': 'free' } },
          free: { on: { 'parcel.done': { actions: 'hear' } } },
        },
      }),
    )
    const results = Array.from({ length: DEFERRED_LIMIT + 5 }, (_, index) => ({
      kind: 'message' as const,
      message: message(done, { what: 'it' }, { number: index + 1 }),
    }))
    expect(play(busy, results[0]!, ...results.slice(1)).deferred).toHaveLength(DEFERRED_LIMIT + 5)
  })

  it('is refused beyond any reason, whatever it is', () => {
    const note = (number: number) => ({
      kind: 'message' as const,
      message: message(done, { what: 'it' }, { number }),
    })
    const deaf = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'busy',
        states: {
          busy: { on: { 'parcel.order': 'free' } },
          free: { on: { 'parcel.done': { actions: 'hear' } } },
        },
      }),
    )
    const first = play(deaf, note(1))
    const [kept] = first.deferred
    const full = { ...first, deferred: Array.from({ length: DEFERRED_HARD_LIMIT }, () => kept!) }
    const over = turn(deaf, full, note(2))
    expect(over.deferred).toHaveLength(DEFERRED_HARD_LIMIT)
    expect(failuresOf(over)).toMatchObject([{ kind: 'refused', to: client.conversation }])
  })

  it('is refused when the conversation ends without having taken it', () => {
    const brief = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.note': 'over' } },
          never: { on: { 'parcel.order': { actions: 'hear' } } },
          over: { type: 'final' },
        },
      }),
    )
    const record = play(brief, orders('milk'), notes('end', { number: 2 }))
    expect(record.phase).toBe('closed')
    expect(failuresOf(record)).toMatchObject([
      { kind: 'refused', of: messageId(client.conversation, job, 1) },
    ])
  })

  it('is refused by a machine that ends as it begins', () => {
    const stillborn = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'over',
        states: { over: { type: 'final' } },
        on: { 'parcel.order': { actions: 'hear' } },
      }),
    )
    expect(failuresOf(play(stillborn, orders('milk')))).toMatchObject([{ kind: 'refused' }])
  })
})

describe('a conversation that is over', () => {
  const brief = worker(
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: { on: { 'parcel.order': { target: 'over', actions: 'answer' } } },
        over: { type: 'final' },
      },
      on: { 'parcel.note': { actions: 'hear' } },
    }),
  )
  const over = play(brief, orders('milk'))

  it('refuses what asks for an answer', () => {
    expect(failuresOf(turn(brief, over, orders('more', { number: 2 })))).toMatchObject([{ kind: 'refused' }])
  })

  it('takes everything else in, and only sends its stake home', () => {
    const after = turn(brief, over, notes('hello', { number: 2 }))
    expect(said(after)).toEqual([IDLE])
    expect(heardBy(after)).toEqual([])
    expect(takeTurn(brief, after, notes('hello', { number: 2 }), context())).toMatchObject({ why: 'seen' })
  })
})

describe('what may open a conversation', () => {
  const foreign = messageId(client.conversation, client.conversation, 1)
  const ours = messageId(job, client.conversation, 1)

  it.each([
    ['a request', true, orders('milk')],
    ['a result that a routing slip brings', true, notes('hello', { correlation: foreign })],
    ['a failure that a routing slip brings', true, fails('died', { correlation: foreign })],
    ['an answer to what was never asked', false, notes('hello', { correlation: ours })],
    ['a failure of what was never asked', false, fails('died', { correlation: ours })],
    ['a failure of nothing in particular', false, fails('died')],
  ])('%s: %j', (_, opens, input) => {
    const record = play(asker, input)
    expect(record.phase).toBe('open')
    expect(record.snapshot !== null).toBe(opens)
  })

  it.each([
    ['an answer to what was never asked', notes('hello', { correlation: ours })],
    ['a failure of what was never asked', fails('died', { correlation: ours })],
    ['a failure of nothing in particular', fails('died')],
  ])('%s is taken note of once, and its stake goes home', (_, input) => {
    const noted = play(asker, input)
    expect(noted.outbox).toMatchObject([
      { mailbox: { peer: originOf(run).peer }, message: { type: 'run.idle', stake: '1p0' } },
    ])
    expect(noted.stake).toBe('0p0')
    expect(heardBy(noted)).toEqual([])
    expect(published(noted).owner).toBeNull()
    expect(takeTurn(asker, noted, input, context())).toEqual({ kind: 'nothing', why: 'seen' })
  })

  it('a message that comes after one that begins nothing begins it', () => {
    const noted = play(
      asker,
      fails('died', { correlation: ours }),
      notes('what?', { number: 2, correlation: ours }),
    )
    expect(noted.snapshot).toBeNull()
    const begun = turn(asker, noted, orders('milk', { number: 3 }))
    expect(begun.snapshot).not.toBeNull()
    expect(said(begun)).toMatchObject([['parcel.ask', {}]])
  })

  it('not an outcome, a timer or a wait', () => {
    for (const input of [
      { kind: 'timer', timer: '1.0' },
      { kind: 'overdue', message: ours },
    ] as const) {
      expect(takeTurn(asker, undefined, input, context())).toEqual({ kind: 'nothing', why: 'stale' })
    }
  })

  it('not what cannot be read, though its sender is told; a later message begins it', () => {
    const { body: _, ...envelope } = message(order, {})
    const unread = play(asker, { kind: 'given-up', envelope, failure: 'invalid', reason: 'what: missing' })
    expect(failuresOf(unread)).toEqual([{ to: client.conversation, kind: 'invalid', of: envelope.id }])
    expect(unread).toMatchObject({ phase: 'open', snapshot: null })
    const noted = turn(asker, unread, fails('died', { number: 2 }))
    expect(noted).toMatchObject({ phase: 'open', snapshot: null })
    for (const before of [unread, noted])
      expect(said(turn(asker, before, orders('milk', { number: 3 })))).toMatchObject([['parcel.ask', {}]])
  })
})
