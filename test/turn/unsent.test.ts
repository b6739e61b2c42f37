import { describe, expect, it } from 'vitest'
import { enqueueActions } from 'xstate'
import { addStake, parseStake, WHOLE_STAKE } from '../../src/run/stake.ts'
import { mayOpen } from '../../src/turn/outgoing.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import {
  asker,
  client,
  failuresOf,
  heardBy,
  message,
  nothingHeard,
  order,
  parcels,
  play,
  turn,
  worker,
} from './stage.ts'

const milk = { kind: 'message' as const, message: message(order, { what: 'milk' }) }
const refused = (record: ConversationRecord) => ({
  kind: 'unsent' as const,
  messages: record.outbox.map(({ message }) => message.id),
  reason: 'mailbox "role.helper" is full',
})

const stakeOf = ({ stake, outbox }: ConversationRecord) =>
  outbox.map(({ message }) => parseStake(message.stake)).reduce(addStake, parseStake(stake))

/** Hands its order on: whoever takes it owes the answer. */
const agent = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: {
        on: {
          'parcel.order': {
            actions: enqueueActions(({ enqueue, event }) => {
              for (const name of ['left', 'right'])
                enqueue.emit({
                  type: 'parcel.ask',
                  body: { about: name },
                  to: { role: 'helper', conversation: name },
                  slip: [{ ...event.from, correlation: event.id }],
                })
            }),
          },
        },
      },
    },
  }),
)

describe('a message that a full mailbox refused', () => {
  it('is a failure that its sender can act on', () => {
    const asking = play(asker, milk)
    const next = turn(asker, asking, refused(asking))
    expect(heardBy(next)).toMatchObject([
      { type: 'failure', body: { kind: 'refused', of: asking.outbox[0]!.message.id } },
    ])
    expect(next.awaiting).toEqual([])
    expect(next.outbox.map(({ message }) => message.type)).toEqual(['parcel.done'])
  })

  it('is told to whoever would have got the answer', () => {
    const handed = play(agent, milk)
    expect(handed.outbox).toHaveLength(2)
    const next = turn(agent, handed, refused(handed))
    expect(failuresOf(next)).toMatchObject([
      { kind: 'refused', to: client.conversation },
      { kind: 'refused', to: client.conversation },
    ])
  })

  it('takes neither a number nor stake with it', () => {
    const asking = play(asker, milk)
    expect(asking.sent).toEqual({ 'r1/help': 1 })
    const next = turn(asker, asking, refused(asking))
    expect(next.sent).toEqual({ 'r1/client': 1 })
    expect(stakeOf(next)).toEqual(WHOLE_STAKE)
  })

  it('is told to its addressee, where nobody waits for it, by what no mailbox refuses', () => {
    const notifier = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': {
            actions: parcels.emit({
              type: 'parcel.note',
              body: { text: 'hello' },
              to: { role: 'helper', conversation: 'help' },
            }),
          },
        },
      }),
    )
    const sent = play(notifier, milk)
    expect(sent.outbox.map(({ message }) => mayOpen(message))).toEqual([true])
    const next = turn(notifier, sent, refused(sent))
    expect(failuresOf(next)).toMatchObject([{ kind: 'refused', to: 'r1/help' }])
    expect(next.outbox.map(({ message }) => mayOpen(message))).toEqual([false])
  })

  it('is nothing once something else has happened', () => {
    const asking = play(asker, milk)
    const next = turn(asker, asking, refused(asking))
    expect(() => turn(asker, next, refused(asking))).toThrow()
  })
})
