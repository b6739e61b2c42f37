import { describe, expect, it } from 'vitest'
import { roleName } from '../../protocols/ids.ts'
import { createMeasures } from '../../src/turn/measures.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { countingMeter } from './counting-meter.ts'
import { codec, controlled, smith, workers, world } from './hosting.ts'
import { job, message, NOW, order, run } from './stage.ts'

const milk = message(order, { what: 'milk' })
const receipt = { 'messaging.system': 'nats', 'messaging.operation.name': 'process' }
const ofWorker = { 'skein.role': 'worker' }

describe('a conversation that comes to its answer', () => {
  async function answered() {
    const here = world()
    const { handler, calls } = controlled()
    await here.host({ behaviour: smith, handlers: { tool: handler } })
    await here.send(milk)
    await here.pass(250)
    calls[0]!.end('sword')
    await quiet()
    return here.counts
  }

  it('counts its turns by what they took, the message that it got and the one that it sent', async () => {
    const { points, values } = await answered()
    expect(points('skein.turns').map(({ value, attributes }) => [value, attributes['skein.event']])).toEqual([
      [1, 'parcel.order'],
      [1, 'xstate.done.actor.tool'],
    ])
    expect(points('messaging.client.consumed.messages')).toEqual([
      {
        value: 1,
        attributes: {
          ...receipt,
          'messaging.consumer.group.name': 'worker',
          'messaging.destination.template': 'role.worker',
        },
      },
    ])
    expect(points('messaging.client.sent.messages').map(({ attributes }) => attributes)).toContainEqual({
      ...{ 'messaging.system': 'nats', 'messaging.operation.name': 'send' },
      'messaging.destination.template': 'peer.client',
    })
    expect(values('skein.redeliveries')).toEqual([])
  })

  it('tells how long its message waited, and how long its turns and its tool took, in seconds', async () => {
    const { points, values } = await answered()
    expect(values('skein.queue.duration', ofWorker)).toEqual([0.01])
    expect(values('messaging.process.duration', receipt)).toEqual([0])
    expect(values('skein.turn.duration', ofWorker)).toEqual([0, 0])
    expect(points('skein.tool.duration')).toEqual([{ value: 0.25, attributes: ofWorker }])
  })

  it('has attributes that name no run, conversation, peer or process', async () => {
    const told = [...(await answered()).attributes()].join(' ')
    for (const id of [run, job, 'worker-1', 'client-1', 'here']) expect(told).not.toMatch(`=${id}`)
  })
})

describe('a commit', () => {
  it('is counted once, though its answer was lost and it was found later', async () => {
    // Neither the append nor the look at what became of it.
    let [appends, looks] = [0, 0]
    const { host, send, pass, counts, journal } = world(({ name, client }) => ({
      unanswered:
        client === 'worker-1' &&
        ((name === 'records.append' && appends++ === 0) ||
          (name === 'records.read' && appends === 1 && looks++ === 0)),
    }))
    await host({ behaviour: smith, handlers: { tool: controlled().handler } })
    await send(milk)
    await pass(60_000)
    expect(await journal(job)).toHaveLength(1)
    expect(counts.values('skein.turns', { 'skein.event': 'parcel.order' })).toEqual([1])
    expect(counts.values('skein.turn.duration')).toEqual([]) // found, and nobody knows how long it took
  })

  it('that takes over counts as no turn, and sends nothing of what was sent before', async () => {
    const { host, send, counts } = world()
    const first = await host({ behaviour: smith, handlers: { tool: controlled().handler } })
    await send(milk)
    const sent = counts.sum('messaging.client.sent.messages')
    first.crash()
    await host({ behaviour: smith, client: 'again', epoch: 2, handlers: { tool: controlled().handler } })
    expect(counts.points('skein.takeovers')).toEqual([{ value: 1, attributes: ofWorker }])
    expect(counts.sum('skein.turns')).toBe(1)
    expect(counts.sum('messaging.client.sent.messages')).toBe(sent)
  })
})

it('a host that is fenced is counted once, by itself', async () => {
  const { host, send, network, counts } = world()
  const old = controlled()
  await host({ behaviour: smith, client: 'first', handlers: { tool: old.handler } })
  await send(milk)
  network.cut('first')
  await host({ behaviour: smith, client: 'second', epoch: 2, handlers: { tool: controlled().handler } })
  network.heal('first')
  old.calls[0]!.end('stale')
  await quiet()
  expect(counts.points('skein.fenced')).toEqual([{ value: 1, attributes: ofWorker }])
})

it('a message that comes again counts as delivered twice and redelivered once', async () => {
  const { host, send, counts, pass } = world(({ client, kind }) => ({
    drop: client === 'worker-1' && kind === 'settle',
  }))
  const first = await host({ behaviour: smith, handlers: { tool: controlled().handler } })
  await send(milk)
  first.crash()
  await host({ behaviour: smith, client: 'again', epoch: 2, handlers: { tool: controlled().handler } })
  await pass(40_000)
  expect(counts.sum('messaging.client.consumed.messages')).toBe(2)
  expect(counts.sum('skein.redeliveries')).toBe(1)
})

it('a message that is buried is counted once, and its type, which may be anything, is not told', async () => {
  const { host, send, counts, letters } = world()
  await host({ behaviour: smith })
  const frame = codec.encode(milk)
  const odd = { ...frame, headers: { ...frame.headers, 'Skein-Type': 'parcel.made-up-4711' } }
  await send(odd)
  await send({ headers: {}, body: new TextEncoder().encode('?') }, workers)
  expect(await letters()).toHaveLength(2)
  expect(counts.sum('skein.dead_letters', ofWorker)).toBe(2)
  expect([...counts.attributes()].join(' ')).not.toMatch('4711')
  expect(counts.values('messaging.process.duration', { 'error.type': 'invalid' })).toHaveLength(1)
})

describe('a call to a model', () => {
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
  }
  const span = {
    ...{ resource: {}, startedAt: NOW, endedAt: NOW + 1_500 },
    name: 'chat gpt-5-mini',
    kind: 'client',
    attributes: { ...call, 'skein.prompt.bytes': 4_711 },
  } as const
  function measured(result: object) {
    const counts = countingMeter()
    const measures = createMeasures(counts.meter, { role: roleName('coder'), accepts: new Map() })
    measures.effect({ ok: true, output: null, span, ...result })
    return counts
  }
  const of = { ...call, 'skein.role': 'coder' }

  it('tells its duration and its tokens by model and direction', () => {
    const attributes = {
      ...span.attributes,
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.output_tokens': 60,
    }
    const { points } = measured({ span: { ...span, attributes } })
    expect(points('gen_ai.client.operation.duration')).toEqual([{ value: 1.5, attributes: of }])
    expect(points('gen_ai.client.token.usage')).toEqual([
      { value: 900, attributes: { ...of, 'gen_ai.token.type': 'input' } },
      { value: 60, attributes: { ...of, 'gen_ai.token.type': 'output' } },
    ])
  })

  it('that failed tells its error, and what it had cost', () => {
    const { points, values } = measured({
      ...{ ok: false, error: { code: 'model.rate-limited', message: 'later' } },
      usage: { inputTokens: 7, outputTokens: 0 },
    })
    expect(points('gen_ai.client.operation.duration')).toEqual([
      { value: 1.5, attributes: { ...of, 'error.type': 'model.rate-limited' } },
    ])
    expect(values('gen_ai.client.token.usage')).toEqual([7, 0])
  })

  it('of which nobody knows the tokens tells none', () => {
    expect(
      measured({ usage: { inputTokens: 0, outputTokens: 0 } }).values('gen_ai.client.token.usage'),
    ).toEqual([])
  })
})
