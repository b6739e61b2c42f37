import { describe, expect, it } from 'vitest'
import { conversationId, messageId } from '../../protocols/ids.ts'
import { UnavailableError } from '../../src/bus/errors.ts'
import type { Operation } from '../../src/bus/memory/faults.ts'
import type { EffectHandler } from '../../src/turn/effects.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { controlled, peer, smith, workers, world } from './hosting.ts'
import { client, job, message, note, nothingHeard, order, parcels, run, worker } from './stage.ts'

const milk = message(order, { what: 'milk' })
const hello = message(note, { text: 'hello' }, { number: 2 })
/** Uses its tool, then its model, before it answers an order. */
const thinker = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'looking' } },
      looking: {
        invoke: {
          id: 'tool',
          src: 'tool',
          input: { tool: 'look', input: {}, tree: null },
          onDone: 'thinking',
        },
      },
      thinking: {
        invoke: { id: 'chat', src: 'chat', input: {}, onDone: { target: 'idle', actions: 'answer' } },
      },
    },
  }),
)
/** Answers an order with its tool, or without it once it gets a note. */
const impatient = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'looking' } },
      looking: {
        invoke: { id: 'tool', src: 'tool', input: { tool: 'look', input: {}, tree: null } },
        on: { 'parcel.note': { target: 'idle', actions: 'answer' } },
      },
    },
  }),
)
const done = { type: 'parcel.done', body: { what: 'it' }, correlation: milk.id }

describe('effects of a host', () => {
  it('fail without the secrets that their errors quote, in the record, for the machine and in spans', async () => {
    const { host, send, network, settled, spans } = world()
    const handler: EffectHandler = {
      ...controlled().handler,
      run: async () => Promise.reject(new Error('401: no key sk-1 here')),
    }
    const redact = (text: string) => text.replaceAll('sk-1', '[redacted]')
    await host({ behaviour: smith, handlers: { tool: handler }, redact })
    await send(milk)
    await quiet()
    const journal = await settled(network.connect('reader').records.history('conversation'))
    const texts = [...journal.map(({ value }) => `${Buffer.from(value)}`), JSON.stringify(spans)]
    expect(texts.join('\n')).toContain('401: no key [redacted] here')
    expect(texts.join('\n')).not.toContain('sk-1')
  })

  it('start after their commit, and their outcome is committed', async () => {
    const operations: string[] = []
    const { host, send, answers } = world(({ client: who, name }) => {
      if (who === 'worker-1' && name === 'records.append') operations.push(name)
      return {}
    })
    const { handler, calls } = controlled()
    const started: EffectHandler['run'] = (input, context) => {
      operations.push('run')
      return handler.run(input, context)
    }
    await host({ behaviour: smith, handlers: { tool: { ...handler, run: started } } })
    await send(milk)
    expect(operations).toEqual(['records.append', 'run'])
    calls[0]!.end('sword')
    await quiet()
    expect(await answers()).toEqual([done])
  })

  it('keep their peer from other work in between: one that ended at once goes before the next', async () => {
    const { host, send } = world()
    const { handler, calls } = controlled()
    const atOnce = { ...handler, run: async () => ({ output: {} }) }
    await send(milk)
    const bread = conversationId(run, 'bread')
    const to = { ...milk.to, conversation: bread }
    await send({ ...milk, id: messageId(client.conversation, bread, 1), to })
    await host({ behaviour: thinker, handlers: { tool: atOnce, chat: handler } })
    await quiet()
    expect(calls.map(({ record }) => record.conversation)).toEqual([job])
    calls[0]!.end({})
    await quiet()
    expect(calls.map(({ record }) => record.conversation)).toEqual([job, bread])
  })

  it('that take too long fail, though they ignore their signal', async () => {
    const { host, send, answers, pass } = world()
    const { handler, calls } = controlled({ timeoutMs: () => 500 })
    await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    await pass(499)
    expect(calls[0]!.signal.aborted).toBe(false)
    await pass(1)
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await answers()).toMatchObject([{ body: { reason: 'effect.timeout' } }])
    calls[0]!.end('too late')
    await quiet()
    expect(await answers()).toEqual([])
  })

  it('are aborted as soon as a commit has them no more, before what it sends is on its way', async () => {
    const isSlow = ({ client: who, name }: Operation) => who === 'worker-1' && name === 'mailboxes.put'
    const { host, send, answers, pass } = world((operation) => (isSlow(operation) ? { delayMs: 10_000 } : {}))
    const { handler, calls } = controlled()
    await host({ behaviour: impatient, handlers: { tool: handler } })
    await send(milk)
    expect(calls[0]!.signal.aborted).toBe(false)
    await send(hello, peer('worker-1'))
    expect(calls[0]!.signal.aborted).toBe(true)
    calls[0]!.end('too late')
    await quiet()
    expect(await answers()).toEqual([])
    await pass(10_000)
    expect(await answers()).toEqual([done])
  })

  it('are run again when it was the bus that failed, for as long as they have time', async () => {
    const here = world()
    let tries = 0
    const handler = {
      ...controlled().handler,
      async run() {
        if (++tries < 3) throw new UnavailableError('no answer')
        return { output: {} }
      },
    }
    await here.host({ behaviour: smith, handlers: { tool: handler } })
    await here.send(milk)
    await here.pass(5_000)
    expect(tries).toBe(3)
    expect(await here.answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('fail with the bus where they must not be run twice', async () => {
    const here = world()
    const handler = {
      ...controlled({ repeatable: () => false }).handler,
      run: async () => Promise.reject(new UnavailableError('no answer')),
    }
    await here.host({ behaviour: smith, handlers: { tool: handler } })
    await here.send(milk)
    await here.pass(5_000)
    expect(await here.answers()).toMatchObject([{ type: 'failure', body: { reason: 'bus.unavailable' } }])
  })

  it('are not given longer than the deadline of what caused them', async () => {
    const { clock, host, send, answers, pass } = world()
    const { handler } = controlled({ timeoutMs: () => 60_000 })
    await host({ behaviour: smith, handlers: { tool: handler } })
    await send(message(order, { what: 'milk' }, { deadline: clock.now() + 200 }))
    await pass(200)
    expect(await answers()).toMatchObject([{ body: { reason: 'effect.timeout' } }])
  })

  it.each([
    ['is unknown here', {}, 'effect.unknown'],
    [
      'throws what is no error',
      { tool: controlled({ run: () => Promise.reject('no') }).handler },
      'effect.threw',
    ],
    ['throws at once', { tool: controlled({ run: raises }).handler }, 'effect.TypeError'],
    ['cannot say how long it takes', { tool: controlled({ timeoutMs: raises }).handler }, 'effect.TypeError'],
  ])('fail their conversation at most, where the handler %s', async (_, handlers, reason) => {
    const { host, send, answers } = world()
    await host({ behaviour: smith, handlers })
    await send(milk)
    expect(await answers()).toMatchObject([{ body: { reason } }])
  })

  it('are done though their handler cannot describe them', async () => {
    const { host, send, answers } = world()
    const { handler, calls } = controlled({ describe: raises })
    await host({ behaviour: smith, handlers: { tool: handler } })
    await send(milk)
    calls[0]!.end('sword')
    await quiet()
    expect(await answers()).toEqual([done])
  })

  it('in flight up to the limit leave the role its mailbox, but never the peer its own', async () => {
    const { host, send, outside, journal } = world()
    const { handler, calls } = controlled()
    await host({ behaviour: smith, handlers: { tool: handler }, limit: 1 })
    await send(milk)
    await send(hello)
    expect(await outside.mailboxes.depth(workers)).toBe(1)
    await send(message(note, { text: 'psst' }, { number: 3 }), peer('worker-1'))
    expect((await journal(job)).at(-1)!.took.event).toBe('parcel.note')
    calls[0]!.end('sword')
    await quiet()
    expect(await outside.mailboxes.depth(workers)).toBe(0)
  })
})

function raises(): never {
  throw new TypeError('no')
}
