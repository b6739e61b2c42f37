import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import { type ConversationRecord, decodeRecord, encodeRecord } from '../../src/turn/record.ts'
import { takeTurn } from '../../src/turn/turn.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import {
  answers,
  askingHelp,
  asks,
  context,
  due,
  type Emitted,
  fails,
  notes,
  nothingHeard,
  orders,
  outcome,
  overdue,
  parcels,
  told,
  worker,
} from './stage.ts'

/** A machine with something of everything, in two regions. */
const machine = () =>
  parcels.createMachine({
    context: nothingHeard,
    type: 'parallel',
    states: {
      counter: {
        initial: 'idle',
        states: {
          idle: { on: { 'parcel.order': { target: 'asking', actions: 'hear' } } },
          asking: {
            entry: parcels.emit({
              ...askingHelp,
            } as Emitted),
            on: { 'parcel.told': 'working', failure: 'working' },
          },
          working: {
            invoke: {
              id: 'tool',
              src: 'tool',
              input: { tool: 'x', input: {}, tree: null },
              onDone: { target: 'idle', actions: 'answer' },
              onError: { target: 'idle', actions: 'hear' },
            },
          },
        },
      },
      clock: {
        initial: 'ticking',
        states: {
          ticking: {
            after: { 100: 'resting' },
            on: { 'parcel.note': { target: 'ticking', reenter: true } },
          },
          resting: { after: { 50: 'ticking' }, on: { 'parcel.ask': { actions: 'hear' } } },
        },
      },
    },
  })

/** What happens next, by what the record has pending. Whatever cannot happen is a note. */
const cue = fc
  .tuple(
    fc.constantFrom('order', 'note', 'ask', 'told', 'failure', 'done', 'error', 'timer', 'overdue'),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([what, number]) => (record: ConversationRecord | undefined): TurnInput => {
    if (what === 'order') return orders('x', { number })
    if (what === 'ask') return asks('x', { number })
    if (record !== undefined) {
      if (what === 'told' && record.awaiting.length > 0) return answers(record, told, { about: 'x' }, number)
      if (what === 'failure') return fails('died', { number })
      if (what === 'done' && record.effects.length > 0) return outcome(record, { output: number })
      if (what === 'error' && record.effects.length > 0) return outcome(record, { error: 'no' })
      if (what === 'timer' && record.timers.length > 0) return due(record)
      if (what === 'overdue' && record.awaiting.length > 0) return overdue(record)
    }
    return notes('x', { number })
  })

type Cue = (record: ConversationRecord | undefined) => TurnInput

/** Plays the cues, and gives every record. `carry` is what happens to a record between two turns. */
function records(
  behaviour: Behaviour,
  cues: readonly Cue[],
  carry: (record: ConversationRecord) => ConversationRecord,
): ConversationRecord[] {
  const all: ConversationRecord[] = []
  for (const [index, next] of cues.entries()) {
    const last = all.at(-1)
    const now = { nonce: `n${index}`, takenAt: index * 10, now: index * 10 + 1 }
    const taken = takeTurn(behaviour, last && carry(last), next(last), context(now))
    if (taken.kind === 'commit') all.push(taken.record)
  }
  return all
}

const asItIs = (record: ConversationRecord) => record
const throughTheJournal = (record: ConversationRecord) => decodeRecord(encodeRecord(record))

const RUNS = { numRuns: 60 }

describe('the same record, input and context (T5)', () => {
  const cues = fc.array(cue, { minLength: 1, maxLength: 25 })
  const behaviour = worker(machine())

  it('give the same next record, in another process as well', () => {
    const elsewhere = worker(machine())
    fc.assert(
      fc.property(cues, (played) => {
        const once = records(behaviour, played, asItIs)
        expect(records(behaviour, played, asItIs)).toEqual(once)
        expect(records(elsewhere, played, asItIs)).toEqual(once)
      }),
      RUNS,
    )
  })

  it('give the same next record when every record is read back from the journal', () => {
    fc.assert(
      fc.property(cues, (played) => {
        expect(records(behaviour, played, throughTheJournal)).toEqual(records(behaviour, played, asItIs))
      }),
      RUNS,
    )
  })

  it('leave the record that was given as it was', () => {
    fc.assert(
      fc.property(cues, (played) => {
        const frozen = records(behaviour, played, (record) => deepFreeze(structuredClone(record)))
        expect(frozen).toEqual(records(behaviour, played, asItIs))
      }),
      RUNS,
    )
  })
})

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}
