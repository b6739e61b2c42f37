import { describe, expect, it } from 'vitest'
import { enqueueActions } from 'xstate'
import type { ConversationId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import { codec, peer, world } from './hosting.ts'
import {
  answers,
  due,
  heardBy,
  IDLE,
  message,
  note,
  notes,
  nothingHeard,
  orders,
  outcome,
  overdue,
  parcels,
  play,
  said,
  told,
  turn,
  worker,
} from './stage.ts'
import { agent, sent, sum } from './stake-stage.ts'

describe('a conversation that becomes idle', () => {
  it('gives all of its stake to the message that it sends', () => {
    const record = play(agent, orders('milk', { stake: '5p3' }))
    expect(said(record)).toEqual([['parcel.done', { what: 'it' }]])
    expect(sent(record)).toEqual(['5p3'])
    expect(record.stake).toBe('0p0')
  })

  it('gives what is left to the last one, where it sends several', () => {
    const record = play(agent, notes('tell twice', { stake: '1p0' }))
    expect(sent(record)).toEqual(['1p1', '1p1'])
    expect(record.stake).toBe('0p0')
  })

  it('changes nothing else in that message', () => {
    const [active, idle] = ['tell and work', 'tell'].map((text) => play(agent, notes(text)).outbox)
    expect(idle).toEqual([{ ...active![0]!, message: { ...active![0]!.message, stake: '1p0' } }])
  })

  it('says so to the origin of its run, with all of its stake, where it has nothing else to say', () => {
    const record = play(agent, notes('hello', { stake: '5p3' }))
    expect(said(record)).toEqual([IDLE])
    expect(record.outbox).toMatchObject([
      {
        mailbox: { kind: 'peer', peer: 'origin-r1' },
        message: {
          id: 'r1/job>r1/origin#1',
          from: { role: 'worker', peer: 'worker-1', conversation: 'r1/job' },
          to: { role: 'origin', conversation: 'r1/origin' },
          stake: '5p3',
          slip: [],
        },
      },
    ])
    expect(record.stake).toBe('0p0')
    expect(record.awaiting).toEqual([])
  })

  it('says so every time, in messages of their own', () => {
    const once = play(agent, notes('hello'))
    const again = turn(agent, once, notes('hello', { number: 2, stake: '1p7' }))
    expect(again.outbox.map(({ message: { id, stake } }) => [id, stake])).toEqual([
      ['r1/job>r1/origin#2', '1p7'],
    ])
  })

  it('says so where no hops are left, too', () => {
    const record = play(agent, notes('hello', { hops: 0 }))
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p0'])
    expect(record.took.limit).toBeUndefined()
  })

  it('says so where a limit kept it from sending', () => {
    const record = play(agent, notes('ask', { hops: 0 }))
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'exhausted' } }])
    expect(said(record)).toEqual([IDLE])
    expect(record.took.limit).toBe('hops')
  })

  it('says so though it keeps a message for later, or owes an answer', () => {
    const owing = worker(
      parcels.createMachine({ context: nothingHeard, on: { 'parcel.order': { actions: 'hear' } } }),
    )
    const record = play(owing, orders('milk'))
    expect(record.requests).toHaveLength(1)
    expect(said(record)).toEqual([IDLE])
  })

  it('says so when it ends', () => {
    const record = play(
      agent,
      notes('work', { stake: '3p4' }),
      notes('end', { number: 2, stake: '1p4' }),
      (at) => outcome(at, { output: null }),
    )
    expect(record).toMatchObject({ phase: 'closed', stake: '0p0' })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
  })

  it('gives its stake to the failure that it tells, where its machine breaks', () => {
    const broken = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': {
            actions: enqueueActions(() => {
              throw new Error('no')
            }),
          },
        },
      }),
    )
    const record = play(broken, orders('milk', { stake: '5p3' }))
    expect(record).toMatchObject({ phase: 'closed', stake: '0p0' })
    expect(record.outbox).toMatchObject([{ message: { type: 'failure', stake: '5p3' } }])
  })

  it('has its message put into the mailbox of the origin', async () => {
    const here = world()
    await here.host({ behaviour: agent })
    await here.send(message(note, { text: 'hello' }, { stake: '5p3' }))
    const [frame, ...more] = await here.mail(peer('origin-r1'))
    expect(more).toEqual([])
    expect(codec.decode(frame!)).toMatchObject({ type: 'run.idle', body: {}, stake: '5p3' })
    expect((await here.journal('r1/job' as ConversationId)).at(-1)).toMatchObject({
      owner: null,
      outbox: [],
      stake: '0p0',
      took: { event: 'settled' },
    })
  })
})

describe('a conversation that goes on', () => {
  it.each([
    ['waits for an answer', 'ask'],
    ['has a timer', 'tell and wait'],
    ['has an effect in flight', 'tell and work'],
  ])('because it %s keeps half, and its message has the other', (_, text) => {
    const record = play(agent, notes(text, { stake: '1p0' }))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })

  it.each(['wait', 'work'])('and has nothing to say keeps all and says nothing, to %s', (text) => {
    const record = play(agent, notes(text, { stake: '1p0' }))
    expect(record).toMatchObject({ stake: '1p0', outbox: [] })
  })

  it.each<[string, string, (record: ConversationRecord) => TurnInput]>([
    ['its answer comes', 'ask', (record) => answers(record, told, { about: 'it' })],
    ['no answer comes in time', 'ask', overdue],
    ['its timer is due', 'tell and wait', due],
    ['its effect ends', 'tell and work', (record) => outcome(record, { output: null })],
  ])('parts with its half when %s', (_, text, ending) => {
    const active = play(agent, notes(text, { stake: '1p0' }))
    const input = ending(active)
    const brought = input.kind === 'message' ? [input.message.stake] : []
    const record = turn(agent, active, input)
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual([sum(['1p1', ...brought])])
    expect(record.stake).toBe('0p0')
  })
})
