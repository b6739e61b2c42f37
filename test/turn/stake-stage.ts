import type { Message } from '../../protocols/envelope.ts'
import { addStake, formatStake, NO_STAKE, parseStake } from '../../src/run/stake.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import { type Emitted, hammering, nothingHeard, parcels, worker } from './stage.ts'

const helper = { role: 'helper', conversation: 'help' }
const telling = parcels.emit({ type: 'parcel.note', body: { text: 'psst' }, to: helper } as Emitted)
const asking = parcels.emit({
  type: 'parcel.ask',
  body: { about: 'it' },
  to: { role: 'helper', conversation: 'answers' },
  timeoutMs: 1_000,
} as Emitted)

/** Answers orders; of notes it does what they say, and hears the others. */
export const agent = worker(
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
            { guard: ({ event }) => event.body.text === 'tell', actions: telling },
            {
              guard: ({ event }) => event.body.text === 'tell and work',
              target: 'working',
              actions: telling,
            },
            {
              guard: ({ event }) => event.body.text === 'tell and wait',
              target: 'waiting',
              actions: telling,
            },
            { guard: ({ event }) => event.body.text === 'tell twice', actions: [telling, telling] },
            { guard: ({ event }) => event.body.text === 'end', target: 'over' },
            { actions: 'hear' },
          ],
          'parcel.order': { actions: 'answer' },
        },
      },
      working: { invoke: { ...hammering, onDone: 'idle' } },
      waiting: { after: { 100: 'idle' } },
      asking: { entry: asking, on: { 'parcel.told': { target: 'idle', actions: 'hear' } } },
      over: { type: 'final' },
    },
    on: { failure: { target: '.idle', actions: 'hear' } },
  }),
)

export const sum = (stakes: readonly string[]) =>
  formatStake(stakes.map(parseStake).reduce(addStake, NO_STAKE))
export const sent = ({ outbox }: ConversationRecord) => outbox.map(({ message: { stake } }) => stake)
/** What a record holds, and what it sends. */
export const all = (record: ConversationRecord) => sum([record.stake, ...sent(record)])

export const unsent = ({ outbox }: ConversationRecord): TurnInput => ({
  kind: 'unsent',
  messages: outbox.map(({ message: { id } }) => id),
  reason: 'mailbox "role.helper" is full',
})

export function givenUp(unreadable: Message): TurnInput {
  const { body: _, ...envelope } = unreadable
  return { kind: 'given-up', envelope, failure: 'invalid', reason: 'what: missing' }
}
