import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, enqueueActions } from 'xstate'
import { type MessageId, messageId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import {
  client,
  type Emitted,
  failuresOf,
  job,
  nothingHeard,
  orders,
  parcels,
  play,
  stop,
  turn,
  worker,
} from './stage.ts'

const first = messageId(client.conversation, job, 1)
const other = messageId(stop('giver', 'shop').conversation, job, 1)
const help = { role: 'helper', conversation: 'help' }

/** On an order it emits this. */
const emitting = (emitted?: object): AnyStateMachine =>
  parcels.createMachine({
    context: nothingHeard,
    on: {
      'parcel.order': {
        actions: enqueueActions(({ enqueue }) => {
          if (emitted !== undefined) enqueue.emit(emitted as Emitted)
        }),
      },
    },
  } as Parameters<typeof parcels.createMachine>[0])

const handing = (handsOver: MessageId, more: object = {}) =>
  worker(emitting({ type: 'parcel.order', body: { what: 'it' }, to: help, handsOver, ...more }))

const slips = ({ outbox }: ConversationRecord) => outbox.map(({ message }) => message.slip)

describe('a message that hands a request over', () => {
  it('has it answered to whoever asked, and leaves nothing owed or awaited here', () => {
    const record = play(handing(first), orders('milk'))
    expect(slips(record)).toEqual([[{ ...client, correlation: first }]])
    expect(record).toMatchObject({ requests: [], awaiting: [], problem: null })
  })

  it('hands over what was handed over before, to be answered as the first request', () => {
    const slip = [{ ...client, correlation: first }]
    const from = { ...stop('giver', 'shop'), peer: client.peer }
    const record = play(handing(other), orders('milk', { from, slip }))
    expect(slips(record)).toEqual([slip])
    expect(record.requests).toEqual([])
  })

  it('hands over a request whose answer goes to several', () => {
    const record = play(
      handing(first),
      orders('milk', { slip: [stop('reader', 'one'), stop('writer', 'two')] }),
    )
    expect(slips(record)).toEqual([
      [stop('reader', 'one', { correlation: first }), stop('writer', 'two', { correlation: first })],
    ])
  })

  it('leaves other requests where they are', () => {
    const open = play(worker(emitting()), orders('milk'))
    const record = turn(handing(first), open, orders('bread', { number: 2 }))
    expect(record.requests.map(({ id }) => id)).toEqual([messageId(client.conversation, job, 2)])
  })

  it('has whoever asked told where it cannot be sent', () => {
    const record = play(handing(first), orders('milk', { hops: 0 }))
    expect(failuresOf(record)).toEqual([{ to: client.conversation, kind: 'exhausted', of: first }])
  })

  it.each([
    [
      'what is not open here',
      handing(messageId(client.conversation, job, 9)),
      /no such request is open here/,
    ],
    [
      'by a message that nothing answers',
      handing(first, { type: 'parcel.note', body: { text: '' } }),
      /\(nothing\)/,
    ],
    [
      'by a message that is answered by something else',
      handing(first, { type: 'parcel.ask', body: { about: '' } }),
      /\(parcel.told\) does not answer that/,
    ],
    ['with a slip besides', handing(first, { slip: [stop('reader', 'one')] }), /give one of the two/],
    ['by an answer', handing(first, { type: 'parcel.done', to: undefined }), /an answer hands nothing over/],
  ])('may not hand over %s', (_, behaviour, problem) => {
    const record = play(behaviour, orders('milk'))
    expect(record).toMatchObject({ phase: 'closed', problem: expect.stringMatching(problem) })
    expect(failuresOf(record)).toEqual([{ to: client.conversation, kind: 'error', of: first }])
  })
})
