import { describe, expect, it } from 'vitest'
import { cancel, raise } from 'xstate'
import { takenOver } from '../../src/turn/takeover.ts'
import { takeTurn } from '../../src/turn/turn.ts'
import {
  context,
  due,
  hammering,
  heardBy,
  NOW,
  notes,
  nothingHeard,
  orders,
  outcome,
  parcels,
  play,
  turn,
  worker,
} from './stage.ts'

const stale = { kind: 'nothing', why: 'stale' }

/** Works on an order by a tool; a note leaves the work, or enters it anew. */
const smith = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        invoke: {
          ...hammering,
          onDone: { target: 'idle', actions: 'hear' },
          onError: { target: 'idle', actions: 'hear' },
        },
        on: { 'parcel.note': { target: 'working', reenter: true }, 'parcel.ask': 'idle' },
      },
    },
  }),
)

describe('an effect', () => {
  const working = play(smith, orders('sword'))

  it('is asked for in the record, by a name that no other effect of the conversation has', () => {
    expect(working.effects).toMatchObject([
      { name: '1.0', invoke: 'tool', src: 'tool', attempt: 1, input: { tool: 'hammer' } },
    ])
    const again = turn(
      smith,
      turn(smith, working, outcome(working, { output: 1 })),
      orders('axe', { number: 2 }),
    )
    expect(again.effects).toMatchObject([{ name: '3.0' }])
  })

  it('gives its outcome to the machine once', () => {
    const input = outcome(working, { output: 'sword' })
    const record = turn(smith, working, input)
    expect(heardBy(record)).toMatchObject([{ type: 'xstate.done.actor.tool', output: 'sword' }])
    expect(record.effects).toEqual([])
    expect(takeTurn(smith, record, input, context())).toEqual(stale)
  })

  it('gives its error to the machine', () => {
    const record = turn(smith, working, outcome(working, { error: 'too hot' }))
    expect(heardBy(record)).toMatchObject([
      { type: 'xstate.error.actor.tool', error: { code: 'test.broke', message: 'too hot' } },
    ])
  })

  it('has another name when its state is entered anew, and the first outcome is stale', () => {
    const again = turn(smith, working, notes('again', { number: 2 }))
    expect(again.effects).toMatchObject([{ name: '2.0', invoke: 'tool' }])
    expect(takeTurn(smith, again, outcome(working, { output: 'first' }), context())).toEqual(stale)
    expect(heardBy(turn(smith, again, outcome(again, { output: 'second' })))).toMatchObject([
      { output: 'second' },
    ])
  })

  it('is dropped when its state is left, and its outcome is stale', () => {
    const left = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'working',
        states: {
          working: { invoke: { ...hammering }, on: { 'parcel.note': 'idle' } },
          idle: {},
        },
        on: { 'parcel.order': { actions: 'hear' } },
      }),
    )
    const before = play(left, orders('sword'))
    const after = turn(left, before, notes('stop', { number: 2 }))
    expect(after.effects).toEqual([])
    expect(takeTurn(left, after, outcome(before, { output: 1 }), context())).toEqual(stale)
  })

  it('that nobody has an onDone for is over without a word', () => {
    const deaf = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.order': 'working' } },
          working: { invoke: { ...hammering } },
        },
      }),
    )
    const started = play(deaf, orders('sword'))
    expect(turn(deaf, started, outcome(started, { output: 1 }))).toMatchObject({
      phase: 'open',
      effects: [],
    })
  })

  it('is never started by a state that is only passed through', () => {
    const hasty = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.order': 'passed' } },
          passed: { invoke: { ...hammering }, always: 'idle' },
        },
      }),
    )
    expect(play(hasty, orders('sword')).effects).toEqual([])
  })

  it.each([
    ['tool', undefined, { calls: 0, inputTokens: 0, outputTokens: 0, tools: 1 }],
    ['chat', { inputTokens: 7, outputTokens: 3 }, { calls: 1, inputTokens: 7, outputTokens: 3, tools: 0 }],
    ['chat', undefined, { calls: 1, inputTokens: 0, outputTokens: 0, tools: 0 }],
  ] as const)('of kind %s with usage %j counts as %j, even when it fails', (src, usage, counted) => {
    const spender = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.order': 'working' } },
          working: { invoke: { id: 'it', src, input: {} as never, onError: 'idle' } },
        },
      }),
    )
    const started = play(spender, orders('x'))
    expect(turn(spender, started, outcome(started, { error: 'no' }, usage)).usage).toEqual(counted)
  })
})

/** Waits a while; an order begins the wait anew, a note ends it. */
const sleeper = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'waiting',
    states: {
      waiting: {
        after: { 500: { target: 'awake', actions: 'hear' } },
        on: { 'parcel.order': { target: 'waiting', reenter: true }, 'parcel.note': 'awake' },
      },
      awake: {},
    },
  }),
)

describe('a timer', () => {
  const first = play(sleeper, orders('x'))

  it('is set in the record for its time', () => {
    expect(first.timers).toMatchObject([
      { dueAt: NOW + 500, event: { type: 'xstate.after.500.(machine).waiting' } },
    ])
  })

  it('fires once', () => {
    const record = turn(sleeper, first, due(first))
    expect(heardBy(record)).toHaveLength(1)
    expect(record.timers).toEqual([])
    expect(takeTurn(sleeper, record, due(first), context())).toEqual(stale)
  })

  it('is cancelled when its state is left', () => {
    const left = turn(sleeper, first, notes('up', { number: 2 }))
    expect(left.timers).toEqual([])
    expect(takeTurn(sleeper, left, due(first), context())).toEqual(stale)
  })

  it('is replaced when its state is entered anew, and the first one is stale', () => {
    const later = turn(sleeper, first, orders('y', { number: 2 }), { now: NOW + 400 })
    expect(later.timers).toMatchObject([{ dueAt: NOW + 900 }])
    expect(takeTurn(sleeper, later, due(first), context())).toEqual(stale)
  })

  it('with an id can be cancelled, in the same step or in a later one', () => {
    const alarm = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': { actions: raise({ type: 'parcel.note' } as never, { delay: 100, id: 'alarm' }) },
          'parcel.ask': {
            actions: [raise({ type: 'parcel.note' } as never, { delay: 100, id: 'alarm' }), cancel('alarm')],
          },
          'parcel.note': { actions: cancel('alarm') },
        },
      }),
    )
    const set = play(alarm, orders('x'))
    expect(set.timers).toMatchObject([{ id: 'alarm' }])
    expect(turn(alarm, set, notes('off', { number: 2 })).timers).toEqual([])
  })

  it('without an id stands for itself, as many as there are', () => {
    const ticker = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': {
            actions: [
              raise({ type: 'parcel.note' } as never, { delay: 100 }),
              raise({ type: 'parcel.note' } as never, { delay: 200 }),
            ],
          },
          'parcel.note': { actions: 'hear' },
        },
      }),
    )
    const set = play(ticker, orders('x'), orders('y', { number: 2 }))
    expect(set.timers.map(({ dueAt }) => dueAt - NOW)).toEqual([100, 200, 100, 200])
    expect(heardBy(turn(ticker, set, due(set)))).toHaveLength(1)
  })

  it('that no transition takes any more is over without a word', () => {
    const forgetful = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'setting',
        states: {
          setting: {
            on: {
              'parcel.order': {
                target: 'deaf',
                actions: raise({ type: 'parcel.note' } as never, { delay: 1 }),
              },
              'parcel.note': { actions: 'hear' },
            },
          },
          deaf: {},
        },
      }),
    )
    const set = play(forgetful, orders('x'))
    const rung = turn(forgetful, set, due(set))
    expect(rung).toMatchObject({ timers: [], deferred: [], phase: 'open' })
  })
})

describe('a takeover', () => {
  it('raises the attempt of every effect, and keeps all else as it was', () => {
    const left = play(smith, orders('sword'))
    const taken = takenOver(left, context({ epoch: 9, nonce: 'other' }))
    const spans = [...left.spans, expect.objectContaining({ name: 'takeover worker' })]
    expect(taken).toEqual({
      ...left,
      epoch: 9,
      nonce: 'other',
      effects: [{ ...left.effects[0], attempt: 2, resumedBy: taken.spans.at(-1)!.spanId }],
      spans,
      took: { event: 'takeover', from: 'working', to: 'working' },
    })
  })

  it('leaves the outcome of the first attempt welcome: whichever comes first counts, once', () => {
    const left = play(smith, orders('sword'))
    const taken = takenOver(left, context({ epoch: 9 }))
    const record = turn(smith, taken, outcome(left, { output: 'late' }))
    expect(heardBy(record)).toMatchObject([{ output: 'late' }])
    expect(takeTurn(smith, record, outcome(taken, { output: 'again' }), context())).toEqual(stale)
  })
})
