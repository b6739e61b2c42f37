import { describe, expect, it } from 'vitest'
import { conversationId, messageId, roleName } from '../../protocols/ids.ts'
import { deadLetters, revived } from '../../src/turn/dead-letters.ts'
import { recordKey } from '../../src/turn/record.ts'
import { TRIALS_LIMIT } from '../../src/turn/trials.ts'
import { controlled, smith, workers, world } from './hosting.ts'
import { done as answer, client, job, message, nothingHeard, order, parcels, run, worker } from './stage.ts'

const milk = message(order, { what: 'milk' })
const ACK_WAIT_MS = 30_000
/** Two that may have died of anything, and those who tried it alone. */
const DEATHS = 2 + TRIALS_LIMIT

/** Answers an order at once. */
const prompt = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: { idle: { on: { 'parcel.order': { actions: 'answer' } } } },
  }),
)

/** Throws what no turn expects: a defect of ours, in whatever it is. */
const broken = { ...prompt, interpreter: { ...prompt.interpreter, start: () => unexpected() } }
function unexpected(): never {
  throw new TypeError('undefined is no function')
}

describe('a message', () => {
  it('that kills whoever takes it is given up, buried, and its sender told', async () => {
    let dying = true
    const here = world(({ name, key, client }) =>
      dying && name === 'records.read' && key === recordKey(job) && client.startsWith('worker')
        ? { delayMs: 1_000 }
        : {},
    )
    await here.send(milk)
    for (let death = 1; death <= DEATHS; death++) {
      const host = await here.host({ behaviour: prompt, client: `worker-1-${death}`, epoch: death })
      await here.pass(10)
      host.crash()
      await here.pass(ACK_WAIT_MS)
    }
    dying = false
    await here.host({ behaviour: prompt, epoch: 100 })
    await here.pass(ACK_WAIT_MS)
    expect(await here.letters()).toMatchObject([
      {
        reason: expect.stringMatching(/3 processes died while it was all that they had in hand/),
        mailbox: workers,
      },
    ])
    expect(await here.answers()).toMatchObject([
      { type: 'failure', correlation: milk.id, body: { kind: 'died' } },
    ])
    expect(await here.outside.mailboxes.depth(workers)).toBe(0)
  })

  it('that is in hand when another one kills its process is not blamed for it', async () => {
    let dying = true
    const here = world(({ name, key, client }) =>
      dying && name === 'records.read' && key.startsWith('conversation') && client.startsWith('worker')
        ? { delayMs: key === recordKey(job) ? 1_000 : 20 }
        : {},
    )
    const names = ['a', 'b', 'c'].map((name) => conversationId(run, name))
    await here.send(milk)
    for (const to of names)
      await here.send(
        message(
          order,
          { what: 'tea' },
          { id: messageId(client.conversation, to, 1), to: { role: roleName('worker'), conversation: to } },
        ),
      )
    for (let death = 1; death <= DEATHS; death++) {
      const host = await here.host({ behaviour: prompt, client: `worker-1-${death}`, epoch: death, limit: 4 })
      await here.pass(10)
      host.crash()
      await here.pass(ACK_WAIT_MS)
    }
    dying = false
    await here.host({ behaviour: prompt, epoch: 100, limit: 4 })
    await here.pass(2 * ACK_WAIT_MS)
    expect((await here.letters()).map(({ headers }) => headers['Skein-Id'])).toEqual([milk.id])
  })

  it('that cannot be dealt with is tried so often, then buried with the last reason', async () => {
    const here = world()
    await here.host({ behaviour: broken })
    await here.send(milk)
    await here.pass(60_000)
    const [letter, ...more] = await here.letters()
    expect(more).toEqual([])
    expect(letter!.reason).toMatch(/it failed 5 times, last with: undefined is no function/)
    expect(await here.outside.mailboxes.depth(workers)).toBe(0)
  })

  it('that fails does not hold up others', async () => {
    const here = world()
    const other = conversationId(run, 'other')
    const picky = {
      ...prompt,
      interpreter: {
        ...prompt.interpreter,
        start: (input: unknown) =>
          (input as { name: string }).name === 'job' ? unexpected() : prompt.interpreter.start(input),
      },
    }
    await here.host({ behaviour: picky, limit: 1 })
    await here.send(milk)
    await here.send(
      message(
        order,
        { what: 'tea' },
        {
          id: messageId(client.conversation, other, 1),
          to: { role: roleName('worker'), conversation: other },
        },
      ),
    )
    expect(await here.answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('whose conversation has an unreadable record is buried, and the record stays as it is', async () => {
    const here = world()
    await here.settled(here.outside.records.append(recordKey(job), new TextEncoder().encode('{}'), 0))
    await here.host({ behaviour: prompt })
    await here.send(milk)
    await here.pass(60_000)
    expect(await here.letters()).toMatchObject([
      { reason: expect.stringMatching(/record of a conversation/) },
    ])
    expect(await here.outside.records.history(recordKey(job))).toHaveLength(1)
  })
})

describe('a dead letter', () => {
  it('that is sent once more is another message, and its answer goes where it would have gone', async () => {
    const here = world()
    const defective = await here.host({ behaviour: broken })
    await here.send(milk)
    await here.pass(60_000)
    await here.settled(defective.drain())
    await here.answers()
    const letters = deadLetters(here.outside.records)
    const [letter] = await here.letters()
    const { frame, mailbox } = revived(letter!, 'n1')!
    await here.settled(letters.drop(letter!))
    await here.host({ behaviour: prompt, epoch: 2, client: 'mended' })
    await here.send(frame, mailbox)
    expect(await here.answers()).toEqual([{ type: answer.type, body: { what: 'it' }, correlation: milk.id }])
    expect(await here.letters()).toEqual([])
  })

  it('is buried once, however often it is given up', async () => {
    const here = world(({ name }) => ({ unanswered: name === 'delivery.ack', drop: name === 'delivery.ack' }))
    await here.host({ behaviour: broken })
    await here.send(milk)
    await here.pass(300_000)
    expect(await here.letters()).toHaveLength(1)
  })
})

describe('an effect', () => {
  it('whose process always dies in the middle of it is not started for ever', async () => {
    const here = world()
    const { handler, calls } = controlled()
    await here.send(milk)
    for (let death = 1; death <= DEATHS; death++) {
      const host = await here.host({
        behaviour: smith,
        client: `worker-1-${death}`,
        epoch: death,
        handlers: { tool: handler },
      })
      await here.pass(10)
      host.crash()
    }
    expect(calls).toHaveLength(DEATHS)
    await here.host({ behaviour: smith, epoch: 100, handlers: { tool: handler } })
    expect(calls).toHaveLength(DEATHS)
    expect(await here.answers()).toMatchObject([{ type: 'failure', body: { reason: 'effect.died' } }])
  })
})
