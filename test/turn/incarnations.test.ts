import { describe, expect, it } from 'vitest'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { controlled, peer, smith, workers, world } from './hosting.ts'
import { hammering, job, message, note, nothingHeard, order, parcels, worker } from './stage.ts'

const milk = message(order, { what: 'milk' })
const done = { type: 'parcel.done', body: { what: 'it' }, correlation: milk.id }

/** Says on the way to its work that it begins. */
const herald = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        entry: parcels.emit({
          type: 'parcel.note',
          body: { text: 'it begins' },
          to: { role: 'herald', conversation: 'news', peer: 'client-1' },
        }),
        invoke: {
          ...hammering,
          onDone: { target: 'idle', actions: 'answer' },
        },
      },
    },
  }),
)

const took = ({ epoch, took: { event } }: ConversationRecord) => [epoch, event]

describe('a host that dies', () => {
  it('before it published is made up for by the next one, once (T2)', async () => {
    const { network, host, send, answers } = world(({ client, name }) => {
      if (client === 'first' && name === 'mailboxes.put') network.cut('first')
      return {}
    })
    const first = await host({ behaviour: herald, client: 'first' })
    await send(milk)
    first.crash()
    expect(await answers()).toEqual([])
    const { handler, calls } = controlled()
    await host({ behaviour: herald, client: 'second', epoch: 2, handlers: { tool: handler } })
    expect(await answers()).toMatchObject([{ body: { text: 'it begins' } }])
    expect(calls).toHaveLength(1)
  })

  it.each([
    [true, [2]],
    [false, []],
  ])(
    'in the middle of an effect: repeatable %j, it runs again as attempts %j',
    async (repeatable, attempts) => {
      const { host, send, answers, journal } = world()
      const one = controlled()
      const first = await host({ behaviour: smith, handlers: { tool: one.handler } })
      await send(milk)
      first.crash()
      const { handler, calls } = controlled({ repeatable: () => repeatable })
      await host({ behaviour: smith, client: 'again', epoch: 2, handlers: { tool: handler } })
      expect(calls.map(({ attempt }) => attempt)).toEqual(attempts)
      for (const call of calls) call.end('sword')
      await quiet()
      expect(await answers()).toMatchObject(
        repeatable ? [done] : [{ type: 'failure', body: { kind: 'error', reason: 'effect.died' } }],
      )
      expect((await journal(job)).map(took).slice(0, 2)).toEqual([
        [1, 'parcel.order'],
        [2, 'takeover'],
      ])
    },
  )

  it('leaves its unacknowledged mail to the next one, which takes it once (T1)', async () => {
    const { host, send, answers, pass } = world(({ client, kind }) => ({
      drop: client === 'worker-1' && kind === 'settle',
    }))
    const first = await host({ behaviour: smith, handlers: { tool: controlled().handler } })
    await send(milk)
    first.crash()
    const { handler, calls } = controlled()
    await host({ behaviour: smith, client: 'again', epoch: 2, handlers: { tool: handler } })
    await pass(40_000)
    calls[0]!.end('sword')
    await quiet()
    expect(calls).toHaveLength(1)
    expect(await answers()).toEqual([done])
  })
})

describe('a takeover', () => {
  it('is finished, effects and all, though the bus was away in the middle of it', async () => {
    let away = false
    const { host, send, answers, pass, network } = world(({ client, name }) => {
      if (client === 'first' && name === 'mailboxes.put') network.cut('first')
      return { unanswered: away && client === 'second' && name === 'mailboxes.put' }
    })
    const first = await host({ behaviour: herald, client: 'first' })
    await send(milk)
    first.crash()
    away = true
    const { handler, calls } = controlled()
    await host({ behaviour: herald, client: 'second', epoch: 2, handlers: { tool: handler } })
    await pass(6_000)
    expect(calls).toHaveLength(0)
    away = false
    await pass(20_000)
    expect(calls).toHaveLength(1)
    expect(await answers()).toMatchObject([{ body: { text: 'it begins' } }])
  })

  it('follows what an earlier incarnation manages to commit afterwards', async () => {
    const { host, send, journal, settled, outside } = world()
    const late = controlled()
    await host({ behaviour: smith, client: 'second', epoch: 2, handlers: { tool: late.handler } })
    await host({
      behaviour: smith,
      client: 'first',
      epoch: 1,
      handlers: { tool: controlled().handler },
      limit: 9,
    })
    // Whoever of the two takes it, the later one ends up with it.
    await send(milk)
    await settled(outside.mailboxes.depth(workers))
    const records = await journal(job)
    expect(records.at(-1)).toMatchObject({ epoch: 2, owner: 'worker-1' })
    expect(late.calls).toHaveLength(1)
  })
})

describe('a host that is fenced', () => {
  /** The first incarnation of a peer works on something, and wakes up when the second has it. */
  async function fenced() {
    const here = world()
    const old = controlled()
    await here.host({ behaviour: smith, client: 'first', epoch: 1, handlers: { tool: old.handler } })
    await here.send(milk)
    here.network.cut('first')
    const young = controlled()
    await here.host({ behaviour: smith, client: 'second', epoch: 2, handlers: { tool: young.handler } })
    here.network.heal('first')
    return { ...here, old: old.calls[0]!, young: young.calls[0]! }
  }

  it('commits nothing, publishes nothing, and says so (T4)', async () => {
    const { old, young, journal, answers, warnings } = await fenced()
    old.end('stale')
    await quiet()
    expect((await journal(job)).map(took)).toEqual([
      [1, 'parcel.order'],
      [2, 'takeover'],
    ])
    expect(await answers()).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/"worker-1" of epoch 1 is fenced: epoch 2 hosts it now/)])
    young.end('sword')
    await quiet()
    expect(await answers()).toEqual([done])
  })

  it('aborts its effects and reads no more', async () => {
    const { host, send, network, outside, pass } = world()
    const old = controlled()
    const other = message(order, { what: 'axe' }, { number: 2 })
    await host({ behaviour: smith, client: 'first', handlers: { tool: old.handler }, limit: 2 })
    await send(milk)
    const elsewhere = {
      ...other,
      id: other.id.replace('r1/job', 'r1/forge'),
      to: { ...other.to, conversation: 'r1/forge' },
    }
    await send(elsewhere as never)
    network.cut('first')
    const second = await host({
      behaviour: smith,
      client: 'second',
      epoch: 2,
      handlers: { tool: controlled().handler },
    })
    second.crash()
    network.heal('first')
    old.calls[0]!.end('stale')
    await quiet()
    expect(old.calls[1]!.signal.aborted).toBe(true)
    await send(message(note, { text: 'hello' }, { number: 3 }), peer('worker-1'))
    await pass(60_000)
    expect(await outside.mailboxes.depth(peer('worker-1'))).toBe(1)
  })
})

describe('a host that drains', () => {
  it('finishes the turn in hand', async () => {
    const { host, send, answers, settled, outside } = world(({ name, client }) => ({
      answerMs: name === 'records.append' && client === 'worker-1' ? 100 : 0,
    }))
    const { handler } = controlled()
    const leaving = await host({ behaviour: smith, handlers: { tool: handler } })
    const sent = send(milk)
    await quiet()
    await settled(leaving.drain())
    await sent
    expect(await outside.mailboxes.depth(workers)).toBe(0)
    expect(await answers()).toEqual([])
  })

  it('aborts its effects, which stay pending for the next one', async () => {
    const { host, send, settled, journal } = world()
    const { handler, calls } = controlled()
    const leaving = await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    await settled(leaving.drain())
    expect(calls[0]!.signal.aborted).toBe(true)
    calls[0]!.end('late')
    await quiet()
    const records = await journal(job)
    expect(records).toHaveLength(1)
    expect(records[0]!.effects).toHaveLength(1)
  })

  it('reads no more', async () => {
    const { host, send, settled, outside } = world()
    const leaving = await host({ behaviour: smith })
    await settled(leaving.drain())
    await send(milk)
    await send(message(note, { text: 'hello' }, { number: 2 }), peer('worker-1'))
    expect(await outside.mailboxes.depth(workers)).toBe(1)
    expect(await outside.mailboxes.depth(peer('worker-1'))).toBe(1)
  })

  it('may be asked to twice', async () => {
    const { host, settled } = world()
    const leaving = await host({ behaviour: smith })
    await settled(Promise.all([leaving.drain(), leaving.drain()]))
  })
})

describe('a record that cannot be read', () => {
  it('is left alone, and said; everything else goes on', async () => {
    const { host, send, outside, settled, answers, warnings } = world()
    const { handler, calls } = controlled()
    await host({ behaviour: smith, handlers: { tool: handler } })
    const bytes = new TextEncoder()
    await settled(outside.records.append('conversation.r1.garbage', bytes.encode('{'), 0))
    const foreign = { owner: 'worker-1', role: 'worker', format: 99 }
    await settled(outside.records.append('conversation.r1.future', bytes.encode(JSON.stringify(foreign)), 0))
    await send(milk)
    calls[0]!.end('sword')
    await quiet()
    expect(await answers()).toEqual([done])
    expect(warnings).toEqual([
      'a record could not be read and is left alone',
      'a record could not be read and is left alone',
    ])
  })
})

describe('the view of a host', () => {
  it('names what it works on, and nothing that is parked', async () => {
    const { host, send } = world()
    const { handler, calls } = controlled()
    const working = await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    expect(working.view()).toEqual({
      conversations: 1,
      busy: 1,
      effects: 1,
      refused: 0,
      doing: ['working on r1/job'],
      runs: ['r1'],
    })
    calls[0]!.end('sword')
    await quiet()
    expect(working.view()).toEqual({ conversations: 0, busy: 0, effects: 0, refused: 0, doing: [], runs: [] })
  })
})
