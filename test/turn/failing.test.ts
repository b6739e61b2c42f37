import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, assign, enqueueActions, raise } from 'xstate'
import { messageId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import {
  answers,
  askingHelp,
  asks,
  client,
  context,
  type Emitted,
  failuresOf,
  hammering,
  job,
  notes,
  nothingHeard,
  orders,
  outcome,
  parcels,
  play,
  run,
  said,
  stop,
  told,
  turn,
  worker,
} from './stage.ts'

type Actions = Parameters<typeof parcels.createMachine>[0]

/** A machine that does this when an order comes. */
const onOrder = (config: object): AnyStateMachine =>
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: { idle: { on: { 'parcel.order': config } }, over: { type: 'final' } },
  } as Actions)

const keeps = (kept: unknown) => onOrder({ actions: assign({ heard: () => [kept] }) })
const emits = (emitted: object) => onOrder({ actions: parcels.emit(emitted as Emitted) })
const asksTo = (more: object) => emits({ ...askingHelp, ...more })

const circle: unknown[] = []
circle.push(circle)

const broken: readonly (readonly [string, AnyStateMachine, RegExp])[] = [
  [
    'throws in an action',
    onOrder({
      actions: assign(() => {
        throw new Error('ouch')
      }),
    }),
    /threw: ouch/,
  ],
  [
    'throws in a guard',
    onOrder({
      target: 'over',
      guard: () => {
        throw new Error('ouch')
      },
    }),
    /ouch/,
  ],
  [
    'throws as it begins',
    parcels.createMachine({
      context: () => {
        throw new Error('ouch')
      },
      on: { 'parcel.order': { actions: 'hear' } },
    }),
    /ouch/,
  ],
  [
    'loops for ever',
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: { idle: { on: { 'parcel.order': 'a' } }, a: { always: 'b' }, b: { always: 'a' } },
      // Its own opinion on how long for ever is does not count.
      options: { maxIterations: Number.POSITIVE_INFINITY },
    }),
    /Infinite loop/,
  ],
  ['keeps a function', keeps(() => {}), /context\.heard\[0\] is of type function/],
  ['keeps a date', keeps(new Date(0)), /context\.heard\[0\] is a Date/],
  ['keeps a bigint', keeps(1n), /bigint/],
  ['keeps what contains itself', keeps(circle), /contains itself/],
  [
    'ends with what is not JSON',
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: { idle: { on: { 'parcel.order': 'over' } }, over: { type: 'final' } },
      output: () => 1n,
    }),
    /output is of type bigint/,
  ],
  [
    'starts an effect with what is not JSON',
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: { on: { 'parcel.order': 'working' } },
        working: { invoke: { id: 'tool', src: 'tool', input: () => ({ tool: 'x', input: 1n, tree: null }) } },
      },
    }),
    /input of "tool"\.input is of type bigint/,
  ],
  [
    'sets a timer for no time at all',
    onOrder({ actions: raise({ type: 'parcel.order' } as never, { delay: Number.NaN }) }),
    /dueAt is NaN/,
  ],
  [
    'delays what is not JSON',
    onOrder({ actions: raise({ type: 'parcel.order', at: new Date(0) } as never, { delay: 5 }) }),
    /event\.at is a Date/,
  ],
  [
    'spawns',
    onOrder({ actions: assign(({ spawn }) => ({ heard: [spawn('tool', { id: 'child' }).id] })) }),
    /spawns the actor "child"/,
  ],
  [
    'acts by itself where no check could see it',
    onOrder({ actions: enqueueActions(({ enqueue, self }) => enqueue.sendTo(self, { type: 'hello' })) }),
    /asks for the action "xstate\.sendTo"/,
  ],
  [
    'runs a function where no check could see it',
    onOrder({ actions: enqueueActions(({ enqueue }) => enqueue((() => {}) as never)) }),
    /does something by itself/,
  ],
  [
    'emits what it does not declare',
    emits({ type: 'secret', body: {} }),
    /emitted "secret", which it does not/,
  ],
  ['emits what does not parse', emits({ type: 'parcel.done', body: { what: 1 } }), /does not parse: what:/],
  [
    'emits to no such name',
    asksTo({ to: { role: 'A helper', conversation: 'x' } }),
    /cannot be sent: to\.role/,
  ],
  ['emits to no conversation', asksTo({ to: { role: 'helper', conversation: 'a b' } }), /to\.conversation/],
  ['emits along a slip to nobody', asksTo({ slip: [{ role: 'helper' }] }), /slip\.0\.conversation/],
  [
    'emits along a slip out of the run',
    asksTo({ slip: [{ role: 'helper', conversation: 'r2/help' }] }),
    /"r2\/help" is not of the run "r1"/,
  ],
  ['waits for no time at all', asksTo({ timeoutMs: Number.NaN }), /timeoutMs/],
  ['answers what nobody asked', emits({ type: 'parcel.told', body: { about: 'it' } }), /no request open/],
  [
    'answers a request that is not open',
    emits({ type: 'parcel.done', body: { what: 'it' }, answers: messageId(job, job, 1) }),
    /no request open/,
  ],
]

const isClosed = (record: ConversationRecord) => ({
  phase: record.phase,
  pending: [record.effects, record.timers, record.awaiting, record.requests, record.deferred].flat(),
  snapshot: record.snapshot,
})
const CLOSED = { phase: 'closed', pending: [], snapshot: null }

describe('a machine that', () => {
  it.each(broken)('%s fails its conversation, and whoever asked is told', (_, machine, problem) => {
    const behaviour = worker(machine)
    const record = play(behaviour, orders('milk'))
    expect(record.problem).toMatch(problem)
    expect(isClosed(record)).toEqual(CLOSED)
    expect(failuresOf(record)).toEqual([
      { to: client.conversation, kind: 'error', of: messageId(client.conversation, job, 1) },
    ])
    // What is left of it can be written and read.
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
  })

  it('ends without an answer fails the request that it owes', () => {
    const record = play(worker(onOrder({ target: 'over' })), orders('milk'))
    expect(record).toMatchObject({ phase: 'closed', problem: null })
    expect(said(record)).toMatchObject([['failure', { kind: 'error', reason: /ended without an answer/ }]])
  })

  it('has no onError for an effect that fails, fails with it', () => {
    const behaviour = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.order': 'working' } },
          working: { invoke: { ...hammering, onDone: 'idle' } },
        },
      }),
    )
    const working = play(behaviour, orders('milk'))
    const record = turn(behaviour, working, outcome(working, { error: 'too hot' }))
    expect(record.problem).toMatch(/"tool" failed and .* no onError for it: test\.broke: too hot/)
    expect(failuresOf(record)).toMatchObject([{ kind: 'error' }])
  })

  it('was changed since its record was written fails the conversation', () => {
    const before = play(worker(onOrder({ target: 'idle', actions: 'hear' })), orders('milk'))
    const lost = { ...before, snapshot: { ...before.snapshot!, value: 'gone' } }
    const record = turn(worker(onOrder({ actions: 'hear' })), lost, orders('bread', { number: 2 }))
    expect(record.problem).toMatch(/"gone".*written by another version/)
    expect(failuresOf(record)).toHaveLength(2)
  })

  it('fails is asked no more', () => {
    const behaviour = worker(broken[0]![1])
    const failed = play(behaviour, orders('milk'))
    expect(failuresOf(turn(behaviour, failed, orders('more', { number: 2 })))).toMatchObject([
      { kind: 'refused' },
    ])
  })
})

describe('a failed turn', () => {
  const helped = worker(
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: {
          on: {
            'parcel.order': {
              target: 'asking',
              actions: parcels.emit({
                ...askingHelp,
              }),
            },
          },
        },
        asking: { on: { 'parcel.told': 'breaking' } },
        breaking: {
          entry: assign(() => {
            throw new Error('ouch')
          }),
        },
      },
      on: { 'parcel.ask': { actions: 'hear' } },
    }),
  )

  it('fails every request that is open or kept, each in its own way', () => {
    const asking = play(helped, orders('milk'), asks('it', { number: 2 }), orders('bread', { number: 3 }))
    const record = turn(helped, asking, answers(asking, told, { about: 'it' }))
    expect(failuresOf(record)).toEqual([
      { to: client.conversation, kind: 'error', of: messageId(client.conversation, job, 1) },
      { to: client.conversation, kind: 'error', of: messageId(client.conversation, job, 2) },
      { to: client.conversation, kind: 'refused', of: messageId(client.conversation, job, 3) },
    ])
    expect(record.awaiting).toEqual([])
  })

  it('tells whoever is on the slip of a request, not who sent it', () => {
    const slip = [stop('reader', 'one'), stop('reader', 'two')]
    const record = play(worker(broken[0]![1]), orders('milk', { slip }))
    expect(failuresOf(record).map(({ to }) => to)).toEqual([`${run}/one`, `${run}/two`])
  })

  it('that the host calls off fails the conversation with its reason, the message in hand included', () => {
    const listening = worker(onOrder({ actions: 'hear' }))
    const before = play(listening, orders('milk'))
    const problem = 'the record has 9 bytes and the bus takes 8'
    const record = turn(listening, before, orders('bread', { number: 2 }), context({ problem }))
    expect(record).toMatchObject({ phase: 'closed', problem })
    expect(failuresOf(record).map(({ of }) => of)).toEqual([
      messageId(client.conversation, job, 1),
      messageId(client.conversation, job, 2),
    ])
  })

  it('that the host calls off tells the sender of what could not be read as well', () => {
    const listening = worker(onOrder({ actions: 'hear' }))
    const { message } = notes('x') as { message: { body: unknown } & object }
    const { body: _, ...envelope } = message as never as { body: unknown } & Record<string, never>
    const input = {
      kind: 'given-up' as const,
      envelope: envelope as never,
      failure: 'invalid' as const,
      reason: 'no JSON',
    }
    const record = turn(listening, undefined, input, { problem: 'too large' })
    expect(failuresOf(record)).toMatchObject([{ to: client.conversation }])
  })
})
