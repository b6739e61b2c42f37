import { describe, expect, it } from 'vitest'
import { ModelError } from '../../src/model/model.ts'
import { createRateLimits, rateKey } from '../../src/rate/rate-limits.ts'
import type { RateRecord } from '../../src/rate/rate-record.ts'
import { createPurchase } from '../../src/role/purchase.ts'
import { NO_LIMITS } from '../../src/run/quota.ts'
import { createQuotas } from '../../src/run/quotas.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { EffectCall, EffectContext } from '../../src/turn/effects.ts'
import { quiet, settled, virtualNetwork } from '../bus/memory/virtual.ts'
import { request } from '../model/openai-case.ts'
import { notes, nothingHeard, parcels, play, worker } from '../turn/stage.ts'
import { type Line, saying } from './saying.ts'

const played = play(
  worker(parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } })),
  notes('hello'),
)
/** In a run that ends an hour after the clock began. */
const record = { ...played, limits: { ...played.limits, deadline: 3_600_000 } }
const usage = { inputTokens: 40, outputTokens: 3 }
const line: Line = { answer: { type: 'research.findings', body: {} }, usage }
const turnedAway = (retryAfterMs?: number) =>
  new ModelError('rate-limited', 'slowly', { retryable: true, retryAfterMs })
const endpoint = { baseUrl: 'https://api.test/v1', apiKey: 'key' }

/** A run with limits buys a reply from a model that says these lines. */
function shop(script: readonly Line[], names: [string, ...string[]] = ['gpt-5-mini']) {
  const { clock, network } = virtualNetwork(() => ({ delayMs: 1 }))
  const { records } = network.connect('one')
  const random = seededRandom(3)
  const quotas = createQuotas({ records, clock, random })
  const rates = createRateLimits({
    records,
    clock,
    random,
    endpoint,
    limits: { requests: 60, tokens: 90_000 },
  })
  const model = saying(...script)
  const cancel = new AbortController()
  const calls: EffectCall[] = []
  let attributes = {}
  const context: EffectContext = {
    ...{ record, name: '1.0', attempt: 1, signal: cancel.signal, traceparent: '' },
    onCall: (call) => calls.push(call),
    onAttributes: (more) => {
      attributes = { ...attributes, ...more }
    },
  }
  const buy = createPurchase({ model, names, quotas, rates })
  return {
    ...{ clock, model, calls, cancel, attributes: () => attributes },
    async bought() {
      await settled(clock, quotas.open(record.run, { ...NO_LIMITS, tokens: 1_000_000 }))
      return settled(clock, buy(request, context))
    },
    begin: async () => {
      await settled(clock, quotas.open(record.run, { ...NO_LIMITS, tokens: 1_000_000 }))
      const buying = buy(request, context).catch((error) => error)
      return { buying, failed: () => settled(clock, buying) }
    },
    quota: async () => (await settled(clock, quotas.read(record.run)))!,
    async rate(name: string) {
      await settled(clock, quotas.read(record.run))
      const entry = await settled(clock, records.read(rateKey(endpoint, name)))
      return JSON.parse(Buffer.from(entry!.value).toString()) as RateRecord
    },
  }
}

describe('a reply', () => {
  it('takes of the rate what it used, once it is known', async () => {
    const here = shop([line])
    expect((await here.bought()).answer).toBeDefined()
    for (let step = 0; step < 20; step++) {
      here.clock.step()
      await quiet()
    }
    const { open, emptyUntil, pulse } = await here.rate('gpt-5-mini')
    expect([open, pulse.count]).toEqual([{}, 1])
    // 43 tokens of 90,000 a minute are back in well below a second.
    expect(emptyUntil.tokens).toBeLessThan(1_000)
    expect(here.attributes()).not.toHaveProperty('skein.rate.wait_ms')
  })

  it('that is turned away comes when it may, with no reservation meanwhile, and is paid once', async () => {
    const here = shop([turnedAway(30_000), line])
    const { buying } = await here.begin()
    while (here.clock.now() < 20_000) {
      await quiet()
      here.clock.step()
    }
    expect(here.model.requests).toHaveLength(1)
    expect((await here.quota()).reserved).toEqual({})
    expect(await settled(here.clock, buying)).toMatchObject({ answer: {} })
    expect(here.clock.now()).toBeGreaterThanOrEqual(30_000)
    expect(here.attributes()).toMatchObject({ 'skein.rate.wait_ms': expect.any(Number) })
    expect((await here.quota()).spent).toMatchObject({ calls: 1, inputTokens: 40 })
  })

  it('that may come too late only fails at once, as rate-limited, and says when', async () => {
    const here = shop([turnedAway(900_000)])
    const error = await (await here.begin()).failed()
    expect(error).toMatchObject({ code: 'model.rate-limited', retryable: true })
    expect(error.retryAfterMs).toBeGreaterThan(890_000)
    expect(here.clock.now()).toBeLessThan(5_000)
  })

  it('that nobody wants any more is waited for no longer', async () => {
    const here = shop([turnedAway(60_000), line])
    const { buying } = await here.begin()
    while (here.clock.now() < 5_000) {
      await quiet()
      here.clock.step()
    }
    here.cancel.abort('cancelled')
    expect(await settled(here.clock, buying)).toBe('cancelled')
    expect(here.clock.now()).toBeLessThan(7_000)
    expect((await here.quota()).reserved).toEqual({})
  })

  it('that broke off before it said anything may be charged for all the same', async () => {
    const broken = { retryable: true, begun: true }
    const here = shop([new ModelError('unavailable', 'broke off', broken)])
    expect(await (await here.begin()).failed()).toMatchObject({ message: 'broke off' })
    const { orphaned, reserved } = await here.quota()
    expect(orphaned.tokens).toBeGreaterThan(8_192)
    expect(reserved).toEqual({})
  })

  it('whose account is used up is not asked for again', async () => {
    const here = shop([new ModelError('rate-limited', 'used up', { retryable: false }), line])
    expect(await (await here.begin()).failed()).toMatchObject({ message: 'used up' })
    expect((await here.rate('gpt-5-mini')).pausedUntil).toBe(0)
  })
})

describe('a model that cannot be had', () => {
  const names: [string, ...string[]] = ['gpt-5', 'gpt-5-mini']

  it.each([
    ['is away', new ModelError('unavailable', 'no', { retryable: true }), 'gpt-5: model.unavailable'],
    ['is not there', new ModelError('not-found', 'no', { retryable: false }), 'gpt-5: model.not-found'],
    ['is too busy for too long', turnedAway(30_000), 'gpt-5: model.rate-limited'],
  ])('since it %s is replaced by its fallback, which is paid by its own price', async (_, error, why) => {
    const here = shop([error, line], names)
    expect((await here.bought()).answer).toBeDefined()
    expect(here.model.requests.map(({ model }) => model)).toEqual([undefined, 'gpt-5-mini'])
    expect(here.attributes()).toMatchObject({ 'skein.model.fallback_from': [why] })
    expect(here.calls.at(-1)).toMatchObject({ model: 'gpt-5-mini', inputTokens: 40 })
    expect((await here.quota()).spent).toMatchObject({ calls: 1, money: 40 * 250 + 3 * 2_000 })
    expect(here.clock.now()).toBeLessThan(5_000)
  })

  it('since it is busy for a moment is waited for', async () => {
    const here = shop([turnedAway(3_000), line], names)
    await here.bought()
    expect(here.calls.at(-1)).toMatchObject({ model: 'gpt-5' })
    expect(here.attributes()).not.toHaveProperty('skein.model.fallback_from')
  })

  it('for a reason of ours is not replaced', async () => {
    const here = shop([new ModelError('unauthorized', 'whose key?', { retryable: false }), line], names)
    expect(await (await here.begin()).failed()).toMatchObject({ code: 'model.unauthorized' })
    expect(here.model.requests).toHaveLength(1)
  })
})
