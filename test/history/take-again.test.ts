import { describe, expect, it } from 'vitest'
import type { RunId } from '../../protocols/ids.ts'
import { recordedInputs } from '../../src/history/recorded-inputs.ts'
import { asStored, takeAgain } from '../../src/history/take-again.ts'
import type { RunRecord } from '../../src/run/run-record.ts'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import {
  asker,
  hammering,
  message,
  note,
  nothingHeard,
  order,
  outcome,
  overdue,
  parcels,
  run as RUN,
  turn,
  worker,
} from '../turn/stage.ts'

const run = { run: RUN } as unknown as RunRecord & { readonly run: RunId }
const milk = message(order, { what: 'milk' })

const smith = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        invoke: {
          ...hammering,
          onDone: 'cooling',
          onError: 'idle',
        },
        on: { 'parcel.note': { actions: 'hear' } },
      },
      cooling: { after: { 1000: { target: 'idle', actions: 'answer' } } },
    },
  }),
)

/** A turn as it stands in the journal. */
const taken = (...given: Parameters<typeof turn>) => asStored(turn(...given))

/** The same from the journal alone, and the messages that others sent. */
function again(behaviour: Behaviour, before: ConversationRecord | undefined, record: ConversationRecord) {
  const inputs = recordedInputs(run)
  inputs.keep({ outbox: [{ mailbox: { kind: 'role', role: milk.to.role }, message: milk }] })
  const input = inputs.inputOf(record)
  if ('missing' in input) return input.missing
  const second = takeAgain(behaviour, { run, before, record, input })
  return second.kind === 'commit' ? asStored(second.record) : second.why
}

describe('a turn that is taken again', () => {
  const working = taken(smith, undefined, { kind: 'message', message: milk, delivery: 2 })
  const cooling = taken(smith, working, outcome(working, { output: { what: 'sword' } }))
  const asking = taken(asker, undefined, { kind: 'message', message: milk })

  it.each([
    ['a message', smith, undefined, working],
    ['the outcome of an effect', smith, working, cooling],
    [
      'an effect that failed',
      smith,
      working,
      taken(smith, working, outcome(working, { error: 'the hammer broke' })),
    ],
    ['a timer', smith, cooling, taken(smith, cooling, { kind: 'timer', timer: cooling.timers[0]!.name })],
    [
      'an answer that did not come',
      asker,
      asking,
      taken(asker, asking, { ...overdue(asking), isNobodyThere: true } as TurnInput),
    ],
    [
      'a message that a full mailbox refused',
      asker,
      asking,
      taken(asker, asking, {
        kind: 'unsent',
        messages: asking.outbox.map(({ message: { id } }) => id),
        reason: 'it is full',
      }),
    ],
    [
      'a message that was given up',
      smith,
      undefined,
      taken(smith, undefined, {
        kind: 'given-up',
        envelope: milk,
        failure: 'invalid',
        reason: 'it is no milk',
      }),
    ],
    [
      'a message when none were left to send',
      asker,
      undefined,
      taken(asker, undefined, { kind: 'message', message: milk }, { outOfMessages: true }),
    ],
    [
      'a message whose record was too large',
      smith,
      undefined,
      taken(smith, undefined, { kind: 'message', message: milk }, { problem: 'its record is too large' }),
    ],
  ])('on %s comes to the same record, to the letter', (_, behaviour, before, record) => {
    expect(again(behaviour, before, record)).toEqual(record)
  })

  it('comes to another one where the machine is another', () => {
    expect(again(asker, undefined, working)).not.toEqual(working)
  })

  it('cannot be, where the journal does not have what it took', () => {
    const noted = taken(smith, working, {
      kind: 'message',
      message: message(note, { text: 'x' }, { number: 2 }),
    })
    expect(again(smith, working, noted)).toBe('"r1/client>r1/job#2" came from outside the run')
    const { input: _, ...took } = working.took
    expect(again(smith, undefined, { ...working, took })).toContain('does not say what its turns took')
  })
})
