import { describe, expect, it } from 'vitest'
import { credited, ended } from '../../src/turn/closing.ts'
import { type ConversationRecord, isActive } from '../../src/turn/record.ts'
import { settled, takeTurn } from '../../src/turn/turn.ts'
import {
  context,
  IDLE,
  message,
  note,
  notes,
  order,
  orders,
  play,
  published,
  said,
  toOrigin,
} from './stage.ts'
import { agent, sent, sum } from './stake-stage.ts'

describe('a conversation that the end of its run closes', () => {
  const ending = { reason: 'its run ended: it was stopped', context: context({ nonce: 'other' }) }
  const work = play(agent, notes('work', { stake: '1p1' }), orders('milk', { number: 2, stake: '1p2' }))
  const bread = message(order, { what: 'bread' }, { number: 3, stake: '1p2' })

  it('waits for nothing, tells nobody, and sends everything home', () => {
    expect(work).toMatchObject({ deferred: [{}], effects: [{}], stake: '3p2' })
    const record = ended(work, undefined, ending)
    expect(record).toMatchObject({
      phase: 'closed',
      output: null,
      problem: ending.reason,
      snapshot: null,
      ...{ deferred: [], effects: [], timers: [], requests: [], awaiting: [] },
      stake: '0p0',
      turn: work.turn + 1,
      took: { event: 'ended', from: 'working', to: 'failed' },
    })
    expect(said(record)).toEqual([IDLE])
    expect(record.outbox[0]).toMatchObject({
      mailbox: { kind: 'peer', peer: 'origin-r1' },
      message: { to: { conversation: 'r1/origin' }, stake: '3p2' },
    })
  })

  it.each(['ask', 'tell and wait', 'tell and work'])('has nothing pending any more, after %j', (text) => {
    const active = play(agent, notes(text, { stake: '1p0' }))
    const record = ended(active, undefined, ending)
    expect(isActive(record)).toBe(false)
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p1'])
  })

  it('has an owner until its stake is on its way', () => {
    const record = ended(work, undefined, ending)
    expect(record.owner).toBe('worker-1')
    expect(published(record)).toMatchObject({ owner: null, outbox: [] })
  })

  it('sends the stake of the message home that closes it', () => {
    const record = ended(work, bread, ending)
    expect(record.took).toMatchObject({ event: 'ended', id: bread.id })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p0'])
    expect(takeTurn(agent, record, { kind: 'message', message: bread }, context())).toMatchObject({
      why: 'seen',
    })
  })

  it('counts a message that it took before no second time', () => {
    const before = message(order, { what: 'milk' }, { number: 2, stake: '1p2' })
    expect(sent(ended(work, before, ending))).toEqual(['3p2'])
  })

  it('is a tombstone where the message would have opened it', () => {
    const record = ended(undefined, bread, ending)
    expect(record).toMatchObject({
      conversation: 'r1/job',
      role: 'worker',
      turn: 1,
      phase: 'closed',
      problem: ending.reason,
      took: { event: 'ended', from: 'new', to: 'failed', id: bread.id },
    })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
    expect(takeTurn(agent, record, { kind: 'message', message: bread }, context())).toMatchObject({
      why: 'seen',
    })
  })

  it('stays what it was where it had ended before, and only sends stake home', () => {
    const over = published(play(agent, notes('end')))
    const record = ended(over, bread, ending)
    expect(record).toMatchObject({
      phase: 'closed',
      problem: null,
      took: { event: 'ended', from: 'done', to: 'done' },
    })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
  })

  it('says nothing where it has no stake', () => {
    const over = published(play(agent, notes('end')))
    expect(ended(over, undefined, ending)).toMatchObject({ outbox: [], owner: null, stake: '0p0' })
  })

  it('keeps everything where it is the origin', () => {
    const waiting = play(agent, toOrigin(message(note, { text: 'ask' }, { stake: '1p0' })))
    const record = ended(waiting, undefined, ending)
    expect(record).toMatchObject({ phase: 'closed', outbox: [], owner: null, stake: waiting.stake })
  })

  it('has its span, once', () => {
    const names = (record: ConversationRecord) => record.spans.map(({ name }) => name)
    const record = ended(work, undefined, ending)
    expect(names(record)).toContain('invoke_agent worker')
    expect(names(ended(published(record), bread, ending))).not.toContain('invoke_agent worker')
  })
})

describe('a message that is credited to a conversation of somebody else', () => {
  const by = context({ peer: 'origin-r1' as never, epoch: 9, nonce: 'other' })
  const telling = play(agent, notes('tell and work', { stake: '1p0' }))
  const milk = message(order, { what: 'milk' }, { number: 2, stake: '1p3' })
  const record = credited(telling, milk, by)

  it('is in the record, with its stake', () => {
    expect(record.stake).toBe(sum(['1p1', '1p3']))
    expect(record).toMatchObject({
      turn: telling.turn + 1,
      took: { event: 'credited', from: 'working', to: 'working', id: milk.id },
    })
  })

  it('is taken no second time, whoever takes it', () => {
    const again = { kind: 'message' as const, message: milk }
    expect(takeTurn(agent, record, again, context())).toEqual({ kind: 'nothing', why: 'seen' })
    const closed = ended(record, milk, { reason: 'over', context: context() })
    expect(sent(closed)).toEqual([record.stake])
  })

  it('changes nothing else: what was to be sent is still to be sent, by its owner', () => {
    const { outbox, owner, effects, snapshot, requests, phase } = telling
    expect(record).toMatchObject({ outbox, owner, effects, snapshot, requests, phase })
    expect(record.by.peer).toBe('origin-r1')
  })

  it('leaves stake with a conversation that is idle, which is not parked before it was closed', () => {
    const idle = play(agent, notes('tell', { stake: '1p0' }))
    const owing = credited(idle, milk, by)
    expect(owing).toMatchObject({ outbox: idle.outbox, owner: 'worker-1', stake: '1p3' })
    expect(settled(owing, context())).toBeUndefined()
    const closed = ended(owing, undefined, { reason: 'over', context: context() })
    expect(said(closed)).toEqual([IDLE])
    expect(sent(closed)).toEqual(['1p3'])
  })
})
