import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { AmbiguousError, UnavailableError } from '../../src/bus/errors.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { type Limits, NO_LIMITS, quotaProblem } from '../../src/run/quota.ts'
import { type CallAsk, createQuotas, type Quotas, quotaKey } from '../../src/run/quotas.ts'
import { sleep } from '../../src/time/clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { faultsOf, pass, quiet, settled, virtualNetwork } from '../bus/memory/virtual.ts'

const run = runId('r1')
const LIMITS: Limits = { tokens: 100_000, money: null, messages: 10 }
const usage = { inputTokens: 70, outputTokens: 5 }

const ask = (more: Partial<CallAsk> = {}): CallAsk => ({
  ...{
    run,
    key: 'r1/a 1.0',
    attempt: 1,
    model: 'gpt-5-mini',
    inputTokens: 100,
    maxOutputTokens: 300,
    ...more,
  },
})

/** Quotas of two processes, one of which the faults befall. */
async function stage(faults?: Faults, limits: Limits = LIMITS) {
  const { clock, network } = virtualNetwork((operation) =>
    operation.client === 'one' ? (faults?.(operation) ?? {}) : {},
  )
  const of = (name: string): Quotas => {
    const { records } = network.connect(name)
    return createQuotas({ records, clock, random: seededRandom(1).fork(name) })
  }
  const [one, other] = [of('one'), of('other')]
  await other.open(run, limits)
  const { records } = network.connect('reader')
  return {
    ...{ clock, network, one, other },
    when: <Value>(promise: Promise<Value>) => settled(clock, promise),
    quota: async () => (await settled(clock, other.read(run)))!,
    writes: async () => (await settled(clock, records.history(quotaKey(run)))).length,
  }
}

describe('a run without limits', () => {
  it('is asked for once, and nothing is ever written', async () => {
    const operations: string[] = []
    const { clock, network } = virtualNetwork(({ name }) => {
      operations.push(name)
      return {}
    })
    const quotas = createQuotas({ records: network.connect('one').records, clock, random: seededRandom(1) })
    const reservation = await quotas.reserve(ask())
    expect(reservation).toEqual({ run, key: 'r1/a 1.0', attempt: 1, maxOutputTokens: 300 })
    expect(await quotas.reserve(ask({ maxOutputTokens: undefined }))).not.toHaveProperty('maxOutputTokens')
    await quotas.settle(reservation, usage)
    expect(await quotas.bookMessages(run, 1_000)).toBeUndefined()
    await quotas.close(run)
    expect(operations).toEqual(['records.read'])
  })
})

describe('the quota of a run', () => {
  it('is opened once, and keeps its limits and prices', async () => {
    const { one, other, quota, writes } = await stage()
    await other.open(run, NO_LIMITS, { qwen3: { input: 1, output: 1 } })
    await one.open(run, NO_LIMITS)
    expect(await writes()).toBe(1)
    expect(await quota()).toMatchObject({ run, limits: LIMITS, prices: {} })
  })

  it('is reserved before a call and settled after it', async () => {
    const { one, quota } = await stage()
    const reservation = await one.reserve(ask())
    expect(reservation.maxOutputTokens).toBe(300)
    expect((await quota()).reserved).toMatchObject({ 'r1/a 1.0': { inputTokens: 100, outputTokens: 300 } })
    await one.settle(reservation, usage)
    expect(await quota()).toMatchObject({
      reserved: {},
      spent: { calls: 1, ...usage, money: 70 * 250 + 5 * 2_000 },
    })
  })

  it('caps what a role leaves open, where there is a limit for it', async () => {
    const { one } = await stage()
    expect((await one.reserve(ask({ maxOutputTokens: undefined }))).maxOutputTokens).toBe(8_192)
    const free = await stage(undefined, { tokens: null, money: null, messages: 3 })
    expect(await free.one.reserve(ask({ maxOutputTokens: undefined }))).not.toHaveProperty('maxOutputTokens')
  })

  it('refuses a call that does not fit, and says how much is left and asked', async () => {
    const { one, writes } = await stage(undefined, { ...LIMITS, tokens: 1_200 })
    const asking = one.reserve(ask({ inputTokens: 1_000, maxOutputTokens: undefined }))
    await expect(asking).rejects.toMatchObject({ code: 'quota.exhausted', refusal: { limit: 'tokens' } })
    await expect(asking).rejects.toThrow(
      'a call to "gpt-5-mini": 1,200 tokens of 1,200 tokens are left, and it may take 1,256 tokens at least',
    )
    expect(await writes()).toBe(1)
  })

  it('in money wants a price, which the run may bring itself', async () => {
    const { one, other } = await stage(undefined, { tokens: null, money: 1_000_000, messages: null })
    const mine = ask({ model: 'qwen3' })
    await expect(one.reserve(mine)).rejects.toMatchObject({ code: 'quota.no-price' })
    const second = runId('r2')
    await other.open(
      second,
      { tokens: null, money: 1_000_000, messages: null },
      { qwen3: { input: 1, output: 2 } },
    )
    expect((await one.reserve({ ...mine, run: second })).maxOutputTokens).toBe(300)
    await expect(one.reserve(ask({ inputTokens: 10_000 }))).rejects.toThrow('$0.001 of $0.001 are left')
  })

  it('is shared: of two who ask at once both are booked, or one is refused', async () => {
    const { one, other, quota, when } = await stage(undefined, { ...LIMITS, tokens: 700 })
    const both = await when(Promise.allSettled([one.reserve(ask()), other.reserve(ask({ key: 'r1/b 1.0' }))]))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(Object.keys((await quota()).reserved)).toHaveLength(1)
  })

  it('is written by several calls of one process at once, also while it is being read', async () => {
    const { one, quota, when } = await stage(faultsOf('records.read', { answerMs: 1_000 }))
    const slow = one.reserve(ask())
    await one.settle(await one.reserve(ask({ key: 'r1/b 1.0' })), usage)
    await when(slow)
    expect(await quota()).toMatchObject({ reserved: { 'r1/a 1.0': {} }, spent: { calls: 1 } })
  })

  it('is closed: what is reserved is orphaned, until it is settled after all', async () => {
    const { one, other, quota } = await stage()
    const reservation = await one.reserve(ask())
    await other.close(run)
    expect(await quota()).toMatchObject({ closed: true, reserved: {}, orphaned: { tokens: 400 } })
    await one.settle(reservation, usage)
    expect(await quota()).toMatchObject({ spent: usage, orphaned: { tokens: 0 } })
    await expect(one.reserve(ask({ key: 'r1/b 1.0' }))).rejects.toMatchObject({ code: 'quota.closed' })
  })
})

describe('a write of the quota that is not answered', () => {
  const unanswered = { unanswered: true }

  it('is booked once, though it was applied', async () => {
    const { one, quota, when } = await stage(faultsOf('records.append', unanswered, unanswered, unanswered))
    const reservation = await when(one.reserve(ask()))
    await when(one.settle(reservation, usage))
    expect(await when(one.bookMessages(run, 2))).toBeUndefined()
    expect(await quota()).toMatchObject({ reserved: {}, spent: { calls: 1, ...usage, messages: 2 } })
  })

  it('is booked once, though others wrote before it could be looked up', async () => {
    const { one, other, quota, when, clock } = await stage(faultsOf('records.append', unanswered))
    const booking = one.bookMessages(run, 2)
    await quiet()
    await pass(clock, 10)
    expect(await other.bookMessages(run, 3)).toBeUndefined()
    expect(await when(booking)).toBeUndefined()
    expect((await quota()).spent.messages).toBe(5)
  })

  it('is made again, where it was not applied since others wrote before it came', async () => {
    const { one, other, quota, when } = await stage(faultsOf('records.append', { delayMs: 60_000 }))
    const booking = one.bookMessages(run, 2)
    await quiet()
    expect(await other.bookMessages(run, 3)).toBeUndefined()
    await when(booking)
    expect((await quota()).spent.messages).toBe(5)
  })

  it('and that comes late is booked once', async () => {
    const { one, quota, when, clock } = await stage(faultsOf('records.append', { delayMs: 60_000 }))
    await when(one.bookMessages(run, 2))
    await pass(clock, 120_000)
    expect((await quota()).spent.messages).toBe(2)
  })
})

describe('settling while the bus is away', () => {
  it('goes on until it is booked', async () => {
    const { one, network, quota, when, clock } = await stage()
    const reservation = await one.reserve(ask())
    network.cut('one')
    const settling = one.settle(reservation, usage)
    await pass(clock, 120_000)
    expect((await quota()).spent.calls).toBe(0)
    network.heal('one')
    await when(settling)
    expect(await quota()).toMatchObject({ reserved: {}, spent: { calls: 1 } })
  })

  it('ends with one more try when its process leaves', async () => {
    const { one, network, quota, when, clock } = await stage()
    const [first, second] = [await one.reserve(ask()), await one.reserve(ask({ key: 'r1/b 1.0' }))]
    network.cut('one')
    const settling = one.settle(first, usage)
    await pass(clock, 120_000)
    await when(one.stop())
    await settling
    expect((await quota()).spent.calls).toBe(0)
    network.heal('one')
    await when(one.settle(second, usage))
    expect((await quota()).spent.calls).toBe(1)
  })

  it('is waited for also where the call was still being reserved when its process left', async () => {
    const { one, quota, when } = await stage(faultsOf('records.append', { answerMs: 500 }))
    /** As the effect `chat` does, whose call nobody wants any more. */
    const calling = one.reserve(ask()).then((reservation) => one.settle(reservation, 'none'))
    await quiet()
    await when(one.stop())
    expect((await quota()).reserved).toEqual({})
    await calling
  })

  it('is not misled by a read of what no longer is', async () => {
    const stale = faultsOf('records.read', {}, { stale: true })
    const { one, quota, when } = await stage(stale)
    const reservation = await one.reserve(ask())
    await when(one.settle(reservation, usage))
    expect(await quota()).toMatchObject({ reserved: {}, spent: { calls: 1 } })
  })

  it('does not concern who asks: he is told, and may ask again', async () => {
    const { one, when, quota } = await stage(faultsOf('records.read', { unanswered: true }))
    await expect(when(one.reserve(ask()))).rejects.toBeInstanceOf(UnavailableError)
    await when(one.reserve(ask()))
    expect(Object.keys((await quota()).reserved)).toEqual(['r1/a 1.0'])
  })

  it('nor who books messages: he is told that nobody knows', async () => {
    const { one, network, when, clock } = await stage(faultsOf('records.append', { unanswered: true }))
    const booking = one.bookMessages(run, 2)
    const told = expect(booking).rejects.toBeInstanceOf(AmbiguousError)
    await quiet()
    network.cut('one')
    await pass(clock, 1_000)
    await when(told)
  })
})

describe('quotas of processes that all write at once, over a network that loses and delays what it will', () => {
  it('come to the sum of what was used, whatever happened on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = seededRandom(seed)
        const { clock, network } = virtualNetwork(({ client, name }) => {
          if (client === 'witness' || !name.startsWith('records.')) return {}
          const drawn = random.next()
          if (drawn < 0.2) return { unanswered: true }
          if (drawn < 0.4) return { delayMs: Math.floor(90_000 * random.next()) }
          return drawn < 0.5 ? { answerMs: Math.floor(30_000 * random.next()) } : {}
        }, seed)
        const of = (name: string) =>
          createQuotas({
            records: network.connect(name).records,
            clock,
            random: seededRandom(seed).fork(name),
          })
        const witness = of('witness')
        await witness.open(run, { tokens: 1_000_000, money: null, messages: null })

        /** Buys some calls, one after another; asks again where the bus was away. */
        async function buy(name: string): Promise<void> {
          const quotas = of(name)
          for (let call = 1; call <= 3; call++) {
            const asked = ask({ key: `r1/${name} ${call}.0` })
            let reservation: Awaited<ReturnType<Quotas['reserve']>> | undefined
            while (reservation === undefined) {
              reservation = await quotas.reserve(asked).catch(async (error) => {
                expect(['bus.unavailable', 'bus.ambiguous']).toContain(error.code)
                await sleep(clock, 100)
                return undefined
              })
            }
            await quotas.settle(reservation, usage)
          }
        }
        await settled(clock, Promise.all(['a', 'b', 'c'].map(buy)))
        await pass(clock, 200_000)
        const ledger = (await settled(clock, witness.read(run)))!
        expect(quotaProblem(ledger)).toBeUndefined()
        expect(ledger).toMatchObject({
          ...{ reserved: {}, orphaned: { tokens: 0 } },
          spent: { calls: 9, inputTokens: 9 * usage.inputTokens, outputTokens: 9 * usage.outputTokens },
        })
      }),
      { numRuns: 30 },
    )
  })
})
