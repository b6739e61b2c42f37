import { describe, expect, it } from 'vitest'
import { takeTurn } from '../../src/turn/turn.ts'
import {
  answers,
  asker,
  askingHelp,
  client,
  context,
  done,
  fails,
  failuresOf,
  heardBy,
  IDLE,
  message,
  notes,
  nothingHeard,
  orders,
  overdue,
  parcels,
  play,
  said,
  told,
  turn,
  worker,
} from './stage.ts'

const asking = play(asker, orders('milk'))

describe('an awaited answer', () => {
  it('reaches the machine, and ends the wait', () => {
    const record = turn(asker, asking, answers(asking, told, { about: 'it' }))
    expect(heardBy(record)).toMatchObject([{ type: 'parcel.told' }])
    expect(record.awaiting).toEqual([])
    expect(takeTurn(asker, record, overdue(asking), context())).toEqual({ kind: 'nothing', why: 'stale' })
  })

  it('is a failure instead when it does not come in time', () => {
    const record = turn(asker, asking, overdue(asking))
    expect(heardBy(record)).toMatchObject([
      { type: 'failure', body: { kind: 'timeout', of: asking.awaiting[0]!.id } },
    ])
  })

  it('does not reach the machine after its failure, and its stake goes home', () => {
    const failed = turn(asker, asking, overdue(asking))
    const record = turn(asker, failed, answers(asking, told, { about: 'it' }))
    expect(heardBy(record)).toHaveLength(1)
    expect(said(record)).toEqual([IDLE])
    expect(record.outbox[0]!.message.stake).toBe('1p0')
    expect(record.stake).toBe('0p0')
  })

  it('is a failure when its sender says so', () => {
    const failed = {
      ...message(told, {}),
      type: 'failure',
      body: { kind: 'died', reason: 'crash', of: asking.awaiting[0]!.id },
    }
    const input = answers(asking, failed as never, failed.body)
    expect(heardBy(turn(asker, asking, input))).toMatchObject([{ type: 'failure', body: { kind: 'died' } }])
  })

  it('is a failure when it cannot be read, and the answerer is told as well', () => {
    const answer = answers(asking, told, { about: 1 })
    const { body: _, ...envelope } = (answer as { message: ReturnType<typeof message> }).message
    const record = turn(asker, asking, {
      kind: 'given-up',
      envelope,
      failure: 'invalid',
      reason: 'about: no string',
    })
    expect(heardBy(record)).toMatchObject([
      { type: 'failure', body: { kind: 'invalid', reason: 'about: no string' } },
    ])
    expect(record.awaiting).toEqual([])
    expect(failuresOf(record)).toMatchObject([{ to: 'r1/help', kind: 'invalid', of: envelope.id }])
  })

  it('is a failure when it is of a type that the role does not take', () => {
    const record = turn(asker, asking, answers(asking, done, { what: 'it' }))
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'invalid' } }])
    expect(record.awaiting).toEqual([])
  })
})

describe('a failure', () => {
  /** Asks, goes on with something else, and looks at what came of it only when it is told to. */
  const patient = worker(
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: { on: { 'parcel.order': 'busy' } },
        busy: {
          entry: parcels.emit({
            ...askingHelp,
          }),
          on: { 'parcel.note': 'looking' },
        },
        looking: { on: { failure: { actions: 'hear', target: 'over' } } },
        over: {},
      },
    }),
  )

  it.each([
    ['the host', overdue],
    ['a peer', () => fails('refused', { number: 2 })],
  ])('that %s says is kept for a state that takes it', (_, failing) => {
    const busy = play(patient, orders('milk'))
    const failed = turn(patient, busy, failing(busy))
    expect(failed.deferred).toHaveLength(1)
    expect(heardBy(turn(patient, failed, notes('look', { number: 3 })))).toMatchObject([{ type: 'failure' }])
  })

  it('ends the conversation of a machine that handles none, and says why', () => {
    const careless = worker(
      parcels.createMachine({ context: nothingHeard, on: { 'parcel.order': { actions: 'hear' } } }),
    )
    const record = play(careless, orders('milk'), fails('died', { number: 2 }))
    expect(record).toMatchObject({ phase: 'closed', problem: expect.stringContaining('because') })
    expect(failuresOf(record)).toMatchObject([{ kind: 'error', to: client.conversation }])
  })
})
