import { describe, expect, it } from 'vitest'
import { peerId, runId } from '../../protocols/ids.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { type Model, ModelError } from '../../src/model/model.ts'
import { offlineModel } from '../../src/model/offline.ts'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { chatHandler } from '../../src/role/chat.ts'
import { defineRole } from '../../src/role/define.ts'
import { type Limits, NO_LIMITS } from '../../src/run/quota.ts'
import { createQuotas } from '../../src/run/quotas.ts'
import { seededRandom } from '../../src/time/random.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { world } from '../turn/hosting.ts'
import { DEADLINE, done, job, message, NOW, order } from '../turn/stage.ts'
import { type Line, saying } from './saying.ts'

const run = runId('r1')
const milk = message(order, { what: 'milk' })
const usage = { inputTokens: 40, outputTokens: 3 }
const answering: Line = { answer: { type: 'parcel.done', body: { what: 'milk' } }, usage }

const clerk = defineRole({
  ...{ name: 'worker', description: 'weighs things', instructions: 'Answer.' },
  ...{ accepts: [order], answers: [done], model: { name: 'gpt-5-mini' } },
  policy: () => ({ kind: 'answer', type: 'parcel.done', body: { what: 'milk' } }),
})

/** Gives an order to a clerk with this model, in a run with these limits. */
async function ordered(model: Model, limits: Partial<Limits>, faults?: Faults) {
  const here = world((operation) => (operation.client === 'worker-1' ? (faults?.(operation) ?? {}) : {}))
  const { clock } = here
  const around = (records: typeof here.outside.records, name: string) =>
    createQuotas({ records, clock, random: seededRandom(7).fork(name) })
  const outside = around(here.outside.records, 'outside')
  await outside.open(run, { ...NO_LIMITS, ...limits })
  const { records, blobs } = here.network.connect('worker-1')
  const quotas = around(records, 'worker-1')
  const host = await here.host({
    behaviour: behaviourOf(clerk),
    handlers: { chat: chatHandler({ role: clerk, model, blobs, quotas }) },
    client: 'host',
  })
  await here.send(milk)
  await quiet()
  return {
    ...{ ...here, incarnation: host },
    quota: async () => (await here.settled(outside.read(run)))!,
    took: async () => (await here.journal(job)).find(({ took }) => took.call !== undefined)?.took,
  }
}

/** A model that says nothing, whatever it is told. */
const silent: Model = {
  provider: 'scripted',
  name: 'silent',
  async *stream() {
    await new Promise(() => {})
  },
}

const KEY = 'r1/job 1.0'

describe('a call to a model in a run with limits', () => {
  it('is booked with what it used, before its outcome is committed', async () => {
    const { answers, quota, took } = await ordered(saying(answering), { tokens: 50_000 })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await quota()).toMatchObject({
      ...{ reserved: {}, orphaned: { tokens: 0 } },
      spent: { calls: 1, ...usage, money: 40 * 250 + 3 * 2_000 },
    })
    expect(await took()).toMatchObject({
      id: '1.0',
      call: { model: 'gpt-5-mini', ...usage, peerBytes: expect.any(Number), promptBytes: expect.any(Number) },
    })
  })

  it('is told how long its answer may be', async () => {
    const [roomy, narrow] = [saying(answering), saying(answering)]
    await ordered(roomy, { tokens: 50_000 })
    await ordered(narrow, { tokens: 3_000 })
    expect(roomy.requests[0]!.maxOutputTokens).toBe(8_192)
    expect(narrow.requests[0]!.maxOutputTokens).toBeLessThan(3_000)
    const free = saying(answering)
    await ordered(free, { messages: 5 })
    expect(free.requests[0]).not.toHaveProperty('maxOutputTokens')
  })

  it('is not made where it does not fit, and its agent fails as exhausted', async () => {
    const model = saying(answering)
    const { answers, quota } = await ordered(model, { tokens: 500 })
    expect(model.requests).toEqual([])
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        body: { kind: 'exhausted', reason: expect.stringContaining('500 tokens are left') },
      },
    ])
    expect(await quota()).toMatchObject({ reserved: {}, spent: { calls: 0 } })
  })

  it.each([
    ['was turned away costs nothing', new ModelError('rate-limited', 'no', { retryable: false }), 0, 0],
    [
      'failed costs what it says it cost',
      new ModelError('refused', 'no', { retryable: false, usage }),
      43,
      0,
    ],
    ['broke off is orphaned', new ModelError('cut', 'no', { retryable: false }), 0, 1],
  ])('that %s', async (_, error, tokens, orphans) => {
    const { quota, took } = await ordered(saying(error), { tokens: 50_000 })
    const { spent, orphaned, reserved } = await quota()
    expect([spent.inputTokens + spent.outputTokens, Math.sign(orphaned.tokens), reserved]).toEqual([
      ...[tokens, orphans],
      {},
    ])
    const call = (await took())?.call
    expect((call!.inputTokens ?? 0) + (call!.outputTokens ?? 0)).toBe(tokens)
    expect(call!.inputTokens === null).toBe(orphans === 1)
  })

  it('that took too long is orphaned before that is committed, though the model ignores its signal', async () => {
    const here = await ordered(silent, { tokens: 50_000 })
    expect(Object.keys((await here.quota()).reserved)).toEqual([KEY])
    await here.pass(DEADLINE - NOW)
    expect(await here.answers()).toMatchObject([
      { body: { reason: expect.stringContaining('effect.timeout') } },
    ])
    expect(await here.quota()).toMatchObject({ reserved: {}, spent: { calls: 0 } })
    expect((await here.quota()).orphaned.tokens).toBeGreaterThan(8_192)
  })

  it('of which no tokens are told is orphaned, unless it was made offline', async () => {
    const { usage: _, ...mute } = answering as Exclude<Line, ModelError>
    const told = await ordered(saying(mute), { tokens: 50_000 })
    expect((await told.quota()).orphaned.tokens).toBeGreaterThan(8_192)
    const offline = await ordered(offlineModel({ worker: clerk.policy }), { tokens: 50_000, money: 1 })
    expect(await offline.answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await offline.quota()).toMatchObject({
      spent: { calls: 1, inputTokens: 0 },
      orphaned: { tokens: 0 },
    })
  })

  it('is not bought again where its booking is not answered', async () => {
    let appends = 0
    const model = saying(answering)
    // The first is the reservation; then the bus is away for a while.
    const { answers, quota, pass } = await ordered(model, { tokens: 50_000 }, ({ name }) =>
      name === 'records.append' && ++appends > 1 && appends < 9 ? { delayMs: 600_000 } : {},
    )
    await pass(50_000)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(model.requests).toHaveLength(1)
    expect(await quota()).toMatchObject({ reserved: {}, spent: { calls: 1, ...usage } })
  })

  it('is made once the bus is back, where its reservation found it away', async () => {
    let reads = 0
    const model = saying(answering)
    const { answers, quota, pass } = await ordered(model, { tokens: 50_000 }, ({ name }) =>
      name === 'records.read' && ++reads < 3 ? { unanswered: true } : {},
    )
    await pass(30_000)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(model.requests).toHaveLength(1)
    expect((await quota()).spent.calls).toBe(1)
  })

  it('of a process that died is orphaned by the one that makes it again', async () => {
    const here = await ordered(silent, { tokens: 50_000 })
    const before = (await here.quota()).reserved[KEY]!
    here.incarnation.crash()
    here.network.crash('worker-1')
    const { records, blobs } = here.network.connect('second')
    const quotas = createQuotas({ records, clock: here.clock, random: seededRandom(8) })
    await here.host({
      behaviour: behaviourOf(clerk),
      handlers: { chat: chatHandler({ role: clerk, model: saying(answering), blobs, quotas }) },
      ...{ client: 'again', epoch: 2 },
    })
    await here.pass(100)
    expect(await here.answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await here.quota()).toMatchObject({
      ...{ reserved: {}, spent: { calls: 1, ...usage } },
      orphaned: { tokens: before.inputTokens + before.outputTokens },
    })
  })
})

it('the origin of a run is not taken for another agent', async () => {
  const model = saying(answering)
  const sent = message(order, { what: 'milk' }, { from: { ...milk.from, peer: peerId('origin-r1') } })
  const here = world()
  await here.host({
    behaviour: behaviourOf(clerk),
    handlers: { chat: chatHandler({ role: clerk, model, blobs: here.outside.blobs }) },
  })
  await here.send(sent)
  await quiet()
  const took = (await here.journal(job)).map((record) => record.took)
  expect(took.find(({ call }) => call !== undefined)).toMatchObject({ call: { peerBytes: 0 } })
})

describe('a prompt that was refused for its size', () => {
  it('costs nothing, and the smaller one is reserved and booked under the same name', async () => {
    const refused = new ModelError('context-length', 'too large', { retryable: false, contextTokens: 9_000 })
    const { quota, answers } = await ordered(saying(refused, answering), { tokens: 100_000 })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await quota()).toMatchObject({
      spent: { calls: 1, ...usage },
      reserved: {},
      orphaned: { tokens: 0 },
    })
  })
})
