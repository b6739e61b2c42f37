import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../protocols/envelope.ts'
import { isNoStake, parseStake } from '../../src/run/stake.ts'
import { type ConversationRecord, isActive } from '../../src/turn/record.ts'
import { takeTurn } from '../../src/turn/turn.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import {
  answers,
  client,
  context,
  due,
  heardBy,
  IDLE,
  message,
  note,
  notes,
  nothingHeard,
  order,
  orders,
  outcome,
  overdue,
  parcels,
  play,
  said,
  told,
  toOrigin,
  turn,
  worker,
} from './stage.ts'
import { agent, all, givenUp, sent, sum, unsent } from './stake-stage.ts'

describe('a turn', () => {
  type Step = { readonly what: string; readonly stake: string }

  /** What happens in a step, and the stake that it brings; undefined where nothing of the kind is pending. */
  function inputOf(
    record: ConversationRecord | undefined,
    { what, stake }: Step,
    number: number,
  ): { readonly input: TurnInput; readonly brings: string } | undefined {
    const brought = (input: TurnInput) => ({ input, brings: stake })
    const own = (input: TurnInput) => ({ input, brings: '0p0' })
    switch (what) {
      case 'order':
        return brought(orders('milk', { number, stake }))
      case 'given up':
        return brought(givenUp(message(order, {}, { number, stake })))
      case 'answered': {
        if (!record?.awaiting.length) return undefined
        const input = answers(record, told, { about: 'it' }, number)
        return brought({
          ...input,
          message: { ...(input as { message: Message }).message, stake },
        } as TurnInput)
      }
      case 'outcome':
        return record?.effects.length ? own(outcome(record, { output: null })) : undefined
      case 'due':
        return record?.timers.length ? own(due(record)) : undefined
      case 'overdue':
        return record?.awaiting.length ? own(overdue(record)) : undefined
      case 'unsent': {
        if (!record?.outbox.length) return undefined
        return { input: unsent(record), brings: sum(sent(record)) }
      }
      default:
        return brought(notes(what, { number, stake }))
    }
  }

  const does = ['hello', 'work', 'wait', 'ask', 'tell', 'tell and work', 'tell and wait', 'tell twice', 'end']
  const happens = ['order', 'given up', 'answered', 'outcome', 'due', 'overdue', 'unsent']
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom(...does, ...happens),
      stake: fc.constantFrom('1p0', '5p3', '3p4', '1p200'),
    }),
    { minLength: 1, maxLength: 25 },
  )

  /** Plays them all, and tells each turn. */
  function playing(
    some: readonly Step[],
    tell: (after: ConversationRecord, before: string, brings: string) => void,
  ): void {
    let record: ConversationRecord | undefined
    for (const [index, step] of some.entries()) {
      const next = inputOf(record, step, index + 1)
      if (next === undefined) continue
      const before = record?.stake ?? '0p0'
      record = turn(agent, record, next.input)
      tell(record, before, next.brings)
    }
  }

  it('holds and sends what it held before and was brought, whatever happens (R1)', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after, before, brings) => expect(all(after)).toBe(sum([before, brings]))),
      ),
    )
  })

  it('leaves nothing to an idle conversation, and something to an active one and to each message (R2)', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after) => {
          expect(isNoStake(parseStake(after.stake))).toBe(!isActive(after))
          for (const stake of sent(after)) expect(isNoStake(parseStake(stake))).toBe(false)
        }),
      ),
    )
  })

  it('says that it is idle in no more than one message, and only where it says nothing else', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after) => {
          const types = after.outbox.map(({ message: { type } }) => type)
          if (types.includes('run.idle')) expect(types).toEqual(['run.idle'])
        }),
      ),
    )
  })
})

describe('the stake of a message', () => {
  it('that is given up goes to whoever is told', () => {
    const record = play(agent, givenUp(message(order, {}, { stake: '5p3' })))
    expect(record).toMatchObject({ stake: '0p0', snapshot: null })
    expect(record.outbox).toMatchObject([
      { message: { type: 'failure', to: { conversation: client.conversation }, stake: '5p3' } },
    ])
  })

  it('that the role does not take goes to whoever is told', () => {
    const deaf = worker(
      parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } }),
    )
    const record = play(deaf, orders('milk', { stake: '5p3' }))
    expect(record.stake).toBe('0p0')
    expect(record.outbox).toMatchObject([
      { message: { type: 'failure', body: { kind: 'refused' }, stake: '5p3' } },
    ])
  })

  it('that a conversation refuses while it works stays with it in half', () => {
    const working = play(agent, notes('work', { stake: '1p1' }))
    const record = turn(agent, working, givenUp(message(order, {}, { number: 2, stake: '1p1' })))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })

  it('moves once, however often the message is delivered', () => {
    const record = play(agent, notes('work', { stake: '1p1' }))
    expect(takeTurn(agent, record, notes('work', { stake: '1p1' }), context())).toEqual({
      kind: 'nothing',
      why: 'seen',
    })
  })
})

describe('what full mailboxes refused', () => {
  it('gives its stake back, and it goes with the message that says so', () => {
    const telling = play(agent, notes('tell', { stake: '5p3' }))
    expect(telling.stake).toBe('0p0')
    const record = turn(agent, telling, unsent(telling))
    expect(record).toMatchObject({ stake: '0p0', took: { unsent: ['r1/job>r1/help#1'] } })
    expect(record.outbox).toMatchObject([
      { message: { id: 'r1/job>r1/help#1', type: 'failure', stake: '5p3' } },
    ])
  })

  it('gives its stake back, and it goes home where the machine has nothing to say to that', () => {
    const waiting = play(agent, notes('ask', { stake: '5p3' }))
    const record = turn(agent, waiting, unsent(waiting))
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'refused' } }])
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['5p3'])
  })

  it('gives its stake back to a conversation that goes on', () => {
    const working = play(agent, notes('tell and work', { stake: '1p0' }))
    const record = turn(agent, working, unsent(working))
    expect(all(record)).toBe('1p0')
    expect(record).toMatchObject({ stake: '1p1', effects: [{ invoke: 'tool' }] })
  })

  it('leaves with the others what they took along', () => {
    const telling = play(agent, notes('tell twice', { stake: '1p0' }))
    const [, last] = telling.outbox
    const record = turn(agent, telling, {
      ...(unsent(telling) as TurnInput & { kind: 'unsent' }),
      messages: [last!.message.id],
    })
    expect(record.took.unsent).toEqual([last!.message.id])
    expect(all(record)).toBe('1p1')
  })
})

describe('the origin of a run', () => {
  it('keeps all that comes home', () => {
    const first = play(agent, toOrigin(message(note, { text: 'hello' }, { stake: '1p1' })))
    expect(first).toMatchObject({ stake: '1p1', outbox: [], owner: null })
    const second = turn(agent, first, toOrigin(message(note, { text: 'hello' }, { number: 2, stake: '1p1' })))
    expect(second).toMatchObject({ stake: '1p0', outbox: [], owner: null })
  })

  it('takes note of who is idle, and its machine hears nothing of it, whatever its state', () => {
    const idle = play(agent, notes('hello', { stake: '1p1' })).outbox[0]!.message
    const waiting = play(agent, toOrigin(message(note, { text: 'ask' }, { stake: '1p1' })))
    const record = turn(agent, waiting, { kind: 'message', message: idle })
    expect(record).toMatchObject({ deferred: [], outbox: [], snapshot: waiting.snapshot, stake: '3p2' })
    expect(record.awaiting).toEqual(waiting.awaiting)
    const over = play(agent, toOrigin(message(note, { text: 'end' }, { stake: '1p1' })))
    expect(over.phase).toBe('closed')
    expect(turn(agent, over, { kind: 'message', message: idle })).toMatchObject({ outbox: [], stake: '1p0' })
  })

  it('keeps what is left where it sends something', () => {
    const record = play(agent, toOrigin(message(note, { text: 'tell' }, { stake: '1p0' })))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })
})
