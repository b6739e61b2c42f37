import { describe, expect, it } from 'vitest'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { digestOf } from '../../traces/digest.ts'
import { parseTraceparent, spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import {
  answers,
  askingHelp,
  type Emitted,
  hammering,
  job,
  message,
  NOW,
  notes,
  nothingHeard,
  order,
  orders,
  outcome,
  overdue,
  parcels,
  play,
  run,
  stop,
  takes,
  told,
  turn,
  worker,
} from './stage.ts'

const ask = { ...askingHelp }

const behaviour = worker(
  parcels.createMachine({
    id: 'worker',
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        invoke: { ...hammering, onDone: 'asking', onError: 'over' },
        on: { 'parcel.note': { actions: 'hear' } },
      },
      asking: {
        entry: parcels.emit(ask as Emitted),
        on: { 'parcel.told': 'over', failure: 'over' },
      },
      over: { type: 'final', entry: 'answer' },
    },
  }),
)

/** A conversation from its first message to its last, with the records of its turns. */
function played(sampled = true): readonly ConversationRecord[] {
  const traceparent = message(order, {}).traceparent.replace(/01$/, sampled ? '01' : '00')
  const first = play(behaviour, orders('milk', { traceparent }))
  const noted = turn(behaviour, first, notes('hi', { number: 2 }), { takenAt: NOW + 3, now: NOW + 4 })
  const asking = turn(behaviour, noted, outcome(noted, { output: 1 }), { now: NOW + 20 })
  const last = turn(behaviour, asking, answers(asking, told, { about: 'it' }), { now: NOW + 30 })
  return [first, noted, asking, last]
}

const records = played()
const spans = records.flatMap((record) => record.spans)
const named = (name: string): Span => {
  const found = spans.filter((span) => span.name === name)
  expect(found, name).toHaveLength(1)
  return found[0]!
}

describe('the spans of a conversation', () => {
  const opening = parseTraceparent(message(order, {}).traceparent)!

  it('are its turns, effects and sends, and itself when it closes', () => {
    expect(spans.map(({ name }) => name)).toEqual([
      'turn parcel.order',
      'turn parcel.note',
      'e',
      'turn xstate.done.actor.tool',
      'send role.helper',
      'turn parcel.told',
      'send peer.client',
      'invoke_agent worker',
    ])
  })

  it('hang together: each has its parent among them, but for the one below the message that opened it', () => {
    const ids = new Set(spans.map(({ spanId }) => spanId))
    expect(ids.size).toBe(spans.length)
    const orphans = spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    expect(orphans.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['invoke_agent worker', opening.spanId],
    ])
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([opening.traceId]))
  })

  it('hang as they were caused: effects and sends below their turn, turns below the conversation', () => {
    const { spanId } = named('invoke_agent worker')
    for (const span of spans.filter(({ name }) => name.startsWith('turn ')))
      expect(span.parentSpanId).toBe(spanId)
    expect(named('e').parentSpanId).toBe(named('turn parcel.order').spanId)
    expect(named('send role.helper').parentSpanId).toBe(named('turn xstate.done.actor.tool').spanId)
  })

  it('say which effect a turn took the outcome of', () => {
    const effect = named('e').attributes['skein.effect']
    expect(effect).toBeTypeOf('string')
    expect(named('turn xstate.done.actor.tool').attributes['skein.effect']).toBe(effect)
    for (const name of ['turn parcel.order', 'turn parcel.told'])
      expect(named(name).attributes).not.toHaveProperty(['skein.effect'])
  })

  it('are named on the wire by ids that stand in the record', () => {
    for (const { message: sent } of records.flatMap((record) => record.outbox)) {
      expect(spans.map(({ spanId }) => spanId)).toContain(parseTraceparent(sent.traceparent)?.spanId)
    }
  })

  it('have the same ids when the turns are taken again', () => {
    expect(played().flatMap((record) => record.spans)).toEqual(spans)
    expect(named('invoke_agent worker').spanId).toBe(spanIdOf(job))
  })

  it('link a later message, whose sender is not their parent', () => {
    expect(named('turn parcel.order').links).toBeUndefined()
    const sender = `00-${opening.traceId}-00000000000000ff-01`
    const first = play(behaviour, orders('milk'))
    const { spans: later } = turn(behaviour, first, notes('hi', { number: 2, traceparent: sender }))
    expect(later[0]!.links).toEqual([
      { traceId: opening.traceId, spanId: '00000000000000ff', attributes: { 'skein.link': 'message' } },
    ])
  })

  it.each([true, false])(
    'stay in the trace of their run where a message of another trace opens it',
    (sampled) => {
      const foreign = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
      const traceparent = `00-${foreign.traceId}-${foreign.spanId}-0${sampled ? 1 : 0}`
      const record = play(behaviour, orders('milk', { traceparent }))
      expect(record.trace).toMatchObject({
        traceId: traceIdOf(run),
        parentSpanId: spanIdOf(run),
        sampled: true,
      })
      expect(record.spans[0]).toMatchObject({
        traceId: traceIdOf(run),
        links: [{ ...foreign, attributes: { 'skein.link': 'message' } }],
      })
      expect(turn(behaviour, undefined, orders('milk', { traceparent }), { sampled: false }).spans).toEqual(
        [],
      )
    },
  )

  it('link a message that was delivered before to its sending once more', () => {
    const again = takes(message(order, { what: 'milk' }), 2)
    const [span] = play(behaviour, again).spans
    expect(span).toMatchObject({
      parentSpanId: spanIdOf(job),
      attributes: { 'skein.delivery': 2 },
      links: [{ spanId: opening.spanId, attributes: { 'skein.link': 'redelivery' } }],
    })
  })

  it('tell what became of a message', () => {
    const dispositionOf = (record: ConversationRecord) =>
      record.spans.findLast(({ name }) => name.startsWith('turn '))!.attributes['skein.disposition']
    const asking = records[2]!
    const over = records[3]!
    expect(dispositionOf(records[0]!)).toBe('taken')
    expect(dispositionOf(turn(behaviour, asking, notes('early', { number: 3 })))).toBe('deferred')
    expect(dispositionOf(turn(behaviour, over, notes('late', { number: 3 })))).toBe('refused')
    const struck = turn(behaviour, asking, overdue(asking))
    expect(dispositionOf(turn(behaviour, struck, answers(asking, told, { about: 'it' })))).toBe('late')
  })

  it('tell of the failure that a turn took, and that it is one', () => {
    const asking = records[2]!
    expect(turn(behaviour, asking, overdue(asking)).spans[0]).toMatchObject({
      attributes: {
        'skein.failure': 'timeout',
        'error.type': 'timeout',
        'messaging.message.conversation_id': asking.awaiting[0]!.id,
      },
      status: { code: 'error' },
    })
  })

  it('tell which messages wait for an answer, and what they say without its content', () => {
    const { attributes } = named('send role.helper')
    expect(attributes).toMatchObject({ 'skein.awaits': true, 'skein.to.role': 'helper' })
    expect(attributes['skein.digest.body']).toBe(digestOf({ about: 'it' }))
    expect(named('send peer.client').attributes['skein.awaits']).toBeUndefined()
  })

  it('tell where the answer to a message goes, when it does not come back to its sender', () => {
    const slip = [stop('reader', 'one'), stop('reader', 'two')]
    const asking = worker(
      parcels.createMachine({
        context: nothingHeard,
        initial: 'idle',
        states: { idle: { on: { 'parcel.order': { actions: parcels.emit({ ...ask, slip } as Emitted) } } } },
      }),
    )
    const [, sent] = play(asking, orders('milk')).spans
    expect(sent!.attributes).toMatchObject({ 'skein.slip': ['one', 'two'] })
    expect(sent!.attributes['skein.awaits']).toBeUndefined()
  })

  it('tell how many messages were kept and never heard', () => {
    const asking = records[2]!
    const keeping = turn(behaviour, asking, notes('early', { number: 3 }))
    const last = turn(behaviour, keeping, answers(keeping, told, { about: 'it' })).spans
    expect(last.find(({ name }) => name === 'turn parcel.told')!.attributes['skein.unheard']).toBe(1)
    expect(named('turn parcel.told').attributes['skein.unheard']).toBeUndefined()
  })

  it('last as long as what they tell of', () => {
    expect(named('turn parcel.note')).toMatchObject({ startMs: NOW + 3, endMs: NOW + 4 })
    expect(named('e')).toMatchObject({ startMs: NOW, endMs: NOW + 5 })
    expect(named('invoke_agent worker')).toMatchObject({ startMs: NOW, endMs: NOW + 30 })
  })

  it('say what went wrong', () => {
    const first = play(behaviour, orders('milk'))
    const failed = turn(behaviour, first, outcome(first, { error: 'too hot' }))
    expect(failed.spans[0]).toMatchObject({
      name: 'e',
      status: { code: 'error', message: 'too hot' },
      attributes: { 'error.type': 'test.broke' },
    })
  })

  it('are none where the head of the trace decided not to record', () => {
    expect(played(false).flatMap((record) => record.spans)).toEqual([])
    expect(played(false).at(-1)!.phase).toBe('closed')
  })
})
