import { describe, expect, it } from 'vitest'
import { codec, controlled, peer, smith, workers, world } from './hosting.ts'
import {
  askingHelp,
  type Emitted,
  job,
  message,
  note,
  nothingHeard,
  order,
  parcels,
  worker,
} from './stage.ts'

const milk = message(order, { what: 'milk' })
const hello = message(note, { text: 'hello' }, { number: 2 })
const done = { type: 'parcel.done', body: { what: 'it' }, correlation: milk.id }

/** Answers every order at once. */
const prompt = worker(
  parcels.createMachine({
    context: nothingHeard,
    on: { 'parcel.order': { actions: ['hear', 'answer'] }, 'parcel.note': { actions: 'hear' } },
  }),
)

/** Asks a helper and answers with what came of it. */
const asker = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'asking' } },
      asking: {
        entry: parcels.emit({
          ...askingHelp,
          timeoutMs: 1_000,
        }),
        on: {
          failure: {
            actions: parcels.emit(({ event }) => ({ type: 'failure', body: event.body }) as Emitted),
            target: 'idle',
          },
        },
      },
    },
  }),
)

describe('a turn of a host', () => {
  it('is committed, then published, then acknowledged (T2)', async () => {
    const done: string[] = []
    const { host, send } = world(({ client: who, kind, name }) => {
      if (who === 'worker-1' && (kind === 'write' || kind === 'settle')) done.push(name)
      return {}
    })
    await host({ behaviour: prompt })
    await send(milk)
    // The second commit parks the conversation once its outbox is out.
    expect(done).toEqual(['records.append', 'mailboxes.put', 'records.append', 'delivery.ack'])
  })

  it('is taken once, however often its message is delivered (T1)', async () => {
    const { host, send, answers, journal } = world(({ kind }) => ({ duplicate: kind === 'delivery' }))
    await host({ behaviour: prompt })
    await host({ behaviour: prompt, peer: 'worker-2' })
    await send(milk)
    await send(milk)
    expect(await answers()).toEqual([done])
    const taken = (await journal(job)).map(({ took }) => took.id).filter((id) => id === milk.id)
    expect(taken).toHaveLength(1)
  })

  it('that was committed and not answered is known by its nonce', async () => {
    let lost = 0
    const { host, send, answers, journal, pass } = world(({ name, client: who }) => ({
      unanswered: name === 'records.append' && who === 'worker-1' && lost++ === 0,
    }))
    await host({ behaviour: prompt })
    await send(milk)
    await pass(10_000)
    expect(await answers()).toEqual([done])
    expect((await journal(job)).map(({ took }) => took.event)).toEqual(['parcel.order', 'settled'])
  })

  it('is tried again, with its message, when the bus is away in the middle of it', async () => {
    let failing = true
    const { host, send, answers, pass, warnings } = world(({ name, client: who }) => ({
      unanswered: failing && name === 'records.read' && who === 'worker-1',
    }))
    await host({ behaviour: prompt })
    await send(milk)
    await pass(20_000)
    expect(warnings).toContain('a message cannot be dealt with yet')
    failing = false
    await pass(20_000)
    expect(await answers()).toEqual([done])
  })

  it('keeps its spans in the record and emits them', async () => {
    const { host, send, journal, spans } = world()
    await host({ behaviour: prompt })
    await send(milk)
    expect(spans).toEqual((await journal(job)).flatMap((record) => record.spans))
    expect(spans.map(({ name }) => name)).toEqual(['turn parcel.order', 'send peer.client'])
  })
})

describe('a record too large for the bus', () => {
  const hoarder = worker(
    parcels.createMachine({
      context: nothingHeard,
      on: { 'parcel.order': { actions: 'hear' }, 'parcel.note': { actions: 'hear' } },
    }),
  )

  it('fails its conversation, and its asker is told what to do', async () => {
    const { host, send, answers, journal } = world(undefined, { maxPayloadBytes: 6_000 })
    await host({ behaviour: hoarder })
    await send(milk)
    await send(message(note, { text: 'x'.repeat(5_000) }, { number: 2 }))
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        correlation: milk.id,
        body: { kind: 'error', reason: expect.stringMatching(/the bus takes 6000: put it in a blob/) },
      },
    ])
    expect((await journal(job)).at(-1)).toMatchObject({ phase: 'closed', problem: expect.anything() })
  })
})

describe('a frame that cannot be read', () => {
  const good = codec.encode(milk)
  const body = (text: string) => new TextEncoder().encode(text)

  it.each([
    ['is no JSON', { ...good, body: body('{') }, /not JSON/],
    ['has the wrong body', { ...good, body: body('{"what":1}') }, /what/],
    [
      'is of an unknown version',
      { ...good, headers: { ...good.headers, 'Skein-Version': '2' } },
      /came in version 2; this peer knows 1/,
    ],
    [
      'is of an unknown type',
      { ...good, headers: { ...good.headers, 'Skein-Type': 'parcel.bomb' } },
      /no protocol here has a message "parcel\.bomb"/,
    ],
  ])('because it %s goes to the dead letters, and its sender is told', async (_, frame, reason) => {
    const { host, send, answers, letters, outside } = world()
    await host({ behaviour: prompt })
    await send(frame)
    const [letter, ...more] = await letters()
    expect(more).toEqual([])
    expect(letter).toMatchObject({ reason: expect.stringMatching(reason), mailbox: workers, by: 'worker-1' })
    expect(letter!.headers).toEqual(frame.headers)
    expect(Buffer.from(letter!.body!, 'base64')).toEqual(Buffer.from(frame.body))
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        correlation: milk.id,
        body: { kind: 'invalid', reason: expect.stringMatching(reason) },
      },
    ])
    expect(await outside.mailboxes.depth(workers)).toBe(0)
  })

  it('because it has no envelope goes to the dead letters, and nobody can be told', async () => {
    const { host, send, letters, outside } = world()
    await host({ behaviour: prompt })
    await send({ headers: { 'Skein-Id': 'nonsense' }, body: body('{}') })
    expect((await letters()).map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/envelope of a message does not parse/),
    ])
    expect(await outside.mailboxes.depth(workers)).toBe(0)
  })

  it('and belongs to another peer is left to that peer, which may know how', async () => {
    const { host, send, letters, journal } = world()
    const { handler } = controlled()
    await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    await host({ behaviour: smith, peer: 'worker-2', handlers: { tool: handler } })
    await send({ ...codec.encode(hello), body: body('{') }, peer('worker-2'))
    expect(await letters()).toHaveLength(1)
    expect((await journal(job)).at(-1)!.by.peer).toBe('worker-1')
  })
})

describe('mail for a conversation that lives elsewhere', () => {
  it('is forwarded to its owner', async () => {
    const { host, send, journal } = world()
    const { handler } = controlled()
    await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    await host({ behaviour: smith, peer: 'worker-2' })
    await send(hello, peer('worker-2'))
    const { by, snapshot } = (await journal(job)).at(-1)!
    expect(by.peer).toBe('worker-1')
    expect(snapshot?.context).toMatchObject({ heard: [{ body: { text: 'hello' } }] })
  })

  it('and is parked goes to the role that it is of, whoever it was sent to', async () => {
    const { host, send, journal, mail } = world()
    const parked = await host({ behaviour: prompt })
    await send(milk)
    await parked.drain()
    const other = { ...prompt, role: 'stranger' as never }
    await host({ behaviour: other, peer: 'stranger-1' })
    await send(hello, { kind: 'role', role: other.role })
    expect(await journal(job)).toHaveLength(2)
    expect((await mail(workers)).map((frame) => codec.decode(frame))).toEqual([hello])
  })
})

describe('a wait of a host', () => {
  it.each([
    ['with nobody there, where no peer of the role that was asked is hosted', 'worker-2', 'no-peer'],
    ['with nobody there, where only a role of a longer name is', 'helper-elder-1', 'no-peer'],
    ['as too late, where one is', 'helper-1', 'timeout'],
  ])('for an answer ends in time, %s', async (_, hosted, kind) => {
    const { host, send, answers, pass, settled, outside } = world()
    await settled(outside.leases.acquire(`peer.${hosted}`, 'somebody'))
    await host({ behaviour: asker })
    await send(milk)
    await pass(999)
    expect(await answers()).toEqual([])
    await pass(1)
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        body: { kind, reason: expect.stringMatching(/^no answer to "parcel.ask" from helper/) },
      },
    ])
  })

  it('for an answer is only too late where nobody can say who is hosted', async () => {
    const { host, send, answers, pass } = world(({ name }) => ({ unanswered: name === 'leases.list' }))
    await host({ behaviour: asker })
    await send(milk)
    await pass(20_000)
    expect(await answers()).toMatchObject([{ type: 'failure', body: { kind: 'timeout' } }])
  })

  it('goes on in the next incarnation with what is left of it', async () => {
    const { host, send, answers, pass } = world()
    const first = await host({ behaviour: asker })
    await send(milk)
    await pass(600)
    first.crash()
    await host({ behaviour: asker, client: 'again', epoch: 2 })
    await pass(399)
    expect(await answers()).toEqual([])
    await pass(1)
    expect(await answers()).toMatchObject([{ type: 'failure', body: { kind: 'no-peer' } }])
  })
})
