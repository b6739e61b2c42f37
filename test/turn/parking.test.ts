import { describe, expect, it } from 'vitest'
import { credited } from '../../src/turn/closing.ts'
import { decodeRecord, encodeRecord } from '../../src/turn/record.ts'
import { settled } from '../../src/turn/turn.ts'
import {
  askingHelp,
  context,
  type Emitted,
  hammering,
  IDLE,
  message,
  note,
  notes,
  nothingHeard,
  orders,
  outcome,
  parcels,
  play,
  published,
  said,
  toOrigin,
  turn,
  worker,
} from './stage.ts'

/** Does each of the things that a host may be needed for. */
const behaviour = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: {
        on: {
          'parcel.note': [
            { guard: ({ event }) => event.body.text === 'work', target: 'working' },
            { guard: ({ event }) => event.body.text === 'wait', target: 'waiting' },
            { guard: ({ event }) => event.body.text === 'ask', target: 'asking' },
            { guard: ({ event }) => event.body.text === 'tell', target: 'telling' },
            { actions: 'hear' },
          ],
          'parcel.order': { actions: 'answer' },
        },
      },
      working: { invoke: { ...hammering, onDone: 'idle' } },
      waiting: { after: { 100: 'idle' } },
      asking: {
        entry: parcels.emit({
          ...askingHelp,
        } as Emitted),
        on: { 'parcel.told': 'idle', failure: 'idle' },
      },
      telling: {
        entry: parcels.emit({
          type: 'parcel.note',
          body: { text: 'psst' },
          to: { role: 'helper', conversation: 'help' },
        } as Emitted),
        always: 'idle',
      },
    },
  }),
)

describe('a conversation', () => {
  it('has no owner while it only waits to be spoken to, once its stake is on its way home', () => {
    const resting = play(behaviour, notes('hello'))
    expect(resting).toMatchObject({ owner: 'worker-1', stake: '0p0' })
    expect(said(resting)).toEqual([IDLE])
    expect(published(resting)).toMatchObject({ owner: null, outbox: [] })
  })

  it('has no owner as soon as it rests where it has no stake to send home: the origin of a run', () => {
    const resting = play(behaviour, toOrigin(message(note, { text: 'hello' })))
    expect(resting).toMatchObject({ owner: null, outbox: [], stake: '1p0' })
  })

  it.each(['work', 'wait', 'ask', 'tell'])('is owned by the peer that took the turn, to %s', (text) => {
    expect(play(behaviour, notes(text)).owner).toBe('worker-1')
  })

  it('is parked again when nothing is left to host', () => {
    const working = play(behaviour, notes('work'))
    const rested = turn(behaviour, working, outcome(working, { output: null }))
    expect(said(rested)).toEqual([IDLE])
    expect(published(rested).owner).toBeNull()
  })

  it('that was parked goes on with whoever takes its next message', () => {
    const parked = published(play(behaviour, notes('hello')))
    expect(parked.owner).toBeNull()
    const elsewhere = { peer: 'worker-2' as never, epoch: 7, host: 'there', pid: 2 }
    expect(turn(behaviour, parked, notes('work', { number: 2 }), elsewhere)).toMatchObject({
      owner: 'worker-2',
      epoch: 7,
      turn: 2,
      by: { peer: 'worker-2', host: 'there', pid: 2 },
    })
  })

  it('survives being written and read, whatever it has pending', () => {
    for (const text of ['hello', 'work', 'wait', 'ask', 'tell']) {
      const record = play(behaviour, notes(text))
      expect(decodeRecord(encodeRecord(record))).toEqual(record)
    }
  })
})

describe('a record whose outbox is out', () => {
  it('is parked if nothing else is pending', () => {
    const told = play(behaviour, orders('milk'))
    const after = settled(told, context({ nonce: 'other', now: 5 }))
    expect(after).toEqual({
      ...told,
      outbox: [],
      spans: [],
      owner: null,
      nonce: 'other',
      at: 5,
      took: { event: 'settled', from: 'idle', to: 'idle' },
    })
  })

  it('is left alone if something else is pending: the next turn clears the outbox', () => {
    const asking = play(behaviour, notes('ask'))
    expect(asking.outbox).toHaveLength(1)
    expect(settled(asking, context())).toBeUndefined()
    expect(turn(behaviour, asking, orders('milk', { number: 2 })).outbox).toEqual([])
  })

  it('is left alone if stake was credited to it meanwhile: somebody has to send that home', () => {
    const telling = play(behaviour, notes('tell'))
    const more = credited(telling, message(note, { text: 'hello' }, { number: 2, stake: '1p3' }), context())
    expect(settled(telling, context())).toMatchObject({ owner: null })
    expect(settled(more, context())).toBeUndefined()
  })

  it.each([
    ['that works', notes('work')],
    ['that is parked', toOrigin(message(note, { text: 'hello' }))],
  ])('is left alone if there was no outbox, of a conversation %s', (_, input) => {
    const record = play(behaviour, input)
    expect(record.outbox).toEqual([])
    expect(settled(record, context())).toBeUndefined()
  })
})
