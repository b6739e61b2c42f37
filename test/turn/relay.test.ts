import { describe, expect, it } from 'vitest'
import type { Message } from '../../protocols/envelope.ts'
import { isWholeStake, parseStake } from '../../src/run/stake.ts'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { type Emitted, message, note, nothingHeard, order, parcels, stop, turn, worker } from './stage.ts'
import { sum } from './stake-stage.ts'

describe('conversations that go on and on', () => {
  /** Delivers what is sent, one after another, so many times; tells all stake there is after each. */
  function relay(behaviours: Readonly<Record<string, Behaviour>>, first: Message, times: number) {
    const records = new Map<string, ConversationRecord>()
    const mail = [first]
    const texts: string[] = []
    const types: string[] = []
    for (let time = 0; time < times; time++) {
      const next = mail.shift()!
      const { conversation } = next.to
      const record = turn(behaviours[conversation]!, records.get(conversation), {
        kind: 'message',
        message: next,
      })
      records.set(conversation, record)
      mail.push(...record.outbox.map(({ message }) => message))
      const stakes = [...[...records.values()].map(({ stake }) => stake), ...mail.map(({ stake }) => stake)]
      expect(isWholeStake(parseStake(sum(stakes)))).toBe(true)
      texts.push(...stakes)
      types.push(...record.outbox.map(({ message: { type } }) => type))
    }
    return { longest: Math.max(...texts.map((text) => text.length)), types: new Set(types) }
  }

  const curious = worker(
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: { on: { 'parcel.order': 'asking' } },
        asking: {
          entry: parcels.emit({
            type: 'parcel.ask',
            body: { about: 'it' },
            to: { role: 'worker', conversation: 'help' },
          } as Emitted),
          on: { 'parcel.told': { target: 'asking', reenter: true } },
        },
      },
    }),
  )
  const knowing = worker(
    parcels.createMachine({
      context: nothingHeard,
      on: { 'parcel.ask': { actions: parcels.emit({ type: 'parcel.told', body: { about: 'it' } }) } },
    }),
  )

  it('have a short stake still, however often one asks and the other answers', () => {
    const { conversation } = stop('worker', 'help')
    const behaviours = { 'r1/job': curious, [conversation]: knowing }
    const { longest, types } = relay(behaviours, message(order, { what: 'milk' }), 400)
    expect(longest).toBeLessThanOrEqual('1p1'.length)
    expect([...types]).toEqual(['parcel.ask', 'parcel.told'])
  })

  it('need no message of their own for it, where work goes from hand to hand', () => {
    const handing = (to: string) =>
      worker(
        parcels.createMachine({
          context: nothingHeard,
          on: {
            'parcel.note': {
              actions: parcels.emit({
                type: 'parcel.note',
                body: { text: 'on' },
                to: { role: 'worker', conversation: to },
              } as Emitted),
            },
          },
        }),
      )
    const behaviours = { 'r1/job': handing('help'), 'r1/help': handing('job') }
    const first = message(note, { text: 'on' }, { hops: 1_000 })
    const { longest, types } = relay(behaviours, first, 400)
    expect(longest).toBe('1p0'.length)
    expect([...types]).toEqual(['parcel.note'])
  })
})
