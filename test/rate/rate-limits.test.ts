import { describe, expect, it } from 'vitest'
import { type RunId, runId } from '../../protocols/ids.ts'
import { AmbiguousError } from '../../src/bus/errors.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import type { ModelError } from '../../src/model/model.ts'
import { createRateLimits, type RateAsk, rateKey } from '../../src/rate/rate-limits.ts'
import type { RateLimits, RateRecord } from '../../src/rate/rate-record.ts'
import { type Clock, sleep } from '../../src/time/clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { pass, settled, virtualNetwork } from '../bus/memory/virtual.ts'

const endpoint = { baseUrl: 'https://api.test/v1', apiKey: 'sk-very-secret' }
const MINUTE_MS = 60_000
const [r1, r2, r3] = [runId('r1'), runId('r2'), runId('r3')]

/** Processes that share a key, over a bus that takes a moment for each thing. */
function stage(limits?: Partial<RateLimits>, faults: Faults = () => ({ delayMs: 2 })) {
  const { clock, network } = virtualNetwork(faults)
  const reader = network.connect('reader')
  return {
    ...{ clock, network },
    process(name: string, more: { limits?: Partial<RateLimits>; skewMs?: number } = {}) {
      const { records } = network.connect(name)
      const own = { now: () => clock.now() + (more.skewMs ?? 0), setTimer: clock.setTimer } satisfies Clock
      const given = more.limits ?? limits
      const random = seededRandom(7).fork(name)
      return createRateLimits({ records, clock: own, random, endpoint, ...(given && { limits: given }) })
    },
    when: <Value>(promise: Promise<Value>) => settled(clock, promise),
    async record() {
      const entry = await settled(clock, reader.records.read(rateKey(endpoint, 'goose-1')))
      return JSON.parse(Buffer.from(entry!.value).toString()) as RateRecord
    },
    history: async () => settled(clock, reader.records.history('rate')),
  }
}

const never = () => new AbortController().signal

const call = (run: RunId, more: Partial<RateAsk> = {}): RateAsk => ({
  ...{ run, model: 'goose-1', tokens: 500, patienceMs: 3_600_000, deadline: Number.MAX_SAFE_INTEGER },
  ...more,
})

/** What an endpoint sees that turns calls away beyond its limits, in any minute. */
function endpointWith(limits: RateLimits, clock: Clock) {
  const calls: { at: number; run: RunId; tokens: number }[] = []
  const turnedAway: number[] = []
  return {
    ...{ calls, turnedAway },
    /** Milliseconds to wait, where it turns a call away. */
    take(run: RunId, tokens: number): number | undefined {
      const at = clock.now()
      const recent = calls.filter((one) => one.at > at - MINUTE_MS)
      const used = recent.reduce((sum, one) => sum + one.tokens, 0)
      const isFull =
        (limits.requests !== null && recent.length + 1 > limits.requests) ||
        (limits.tokens !== null && used + tokens > limits.tokens)
      if (isFull) {
        turnedAway.push(at)
        return 2_000
      }
      calls.push({ at, run, tokens })
      return undefined
    },
  }
}

describe('peers that share a key', () => {
  /** 20 peers of three runs, each with so many calls to make one after another. */
  async function work(
    here: ReturnType<typeof stage>,
    server: ReturnType<typeof endpointWith>,
    callsEach: number,
    skewOf: (peer: number) => number = () => 0,
  ) {
    const peers = Array.from({ length: 20 }, (_, index) => ({
      rates: here.process(`p${index}`, { skewMs: skewOf(index) }),
      run: index < 12 ? r1 : index < 18 ? r2 : r3,
      tokens: 100 + 20 * index,
    }))
    const done = peers.map(async ({ rates, run, tokens }) => {
      for (let made = 0; made < callsEach; ) {
        const grant = await rates.wait(call(run), never())
        const retryAfterMs = server.take(run, tokens)
        if (retryAfterMs !== undefined) {
          await grant.refused(retryAfterMs)
          continue
        }
        made++
        await sleep(here.clock, 1_500)
        grant.settle({ inputTokens: tokens - 50, outputTokens: 50 })
      }
    })
    await here.when(Promise.all(done))
  }

  it('never exceed its limits, and all finish', async () => {
    const limits = { requests: 120, tokens: 60_000 }
    const here = stage(limits)
    const server = endpointWith(limits, here.clock)
    await work(here, server, 7)
    expect(server.calls).toHaveLength(140)
    expect(server.turnedAway).toEqual([])
    const minutes = server.calls.at(-1)!.at / MINUTE_MS
    expect(140 / minutes).toBeGreaterThan(0.8 * 120)
  })

  it('share it between their runs: twelve peers of one get no more than six of another', async () => {
    const limits = { requests: 60, tokens: null }
    const here = stage(limits)
    const server = endpointWith(limits, here.clock)
    await work(here, server, 4)
    const last = (run: RunId) => server.calls.filter((one) => one.run === run).at(-1)!.at
    // While all three wait.
    const until = Math.min(...[r1, r2, r3].map(last))
    const shares = [r1, r2].map(
      (run) => server.calls.filter((one) => one.run === run && one.at <= until).length,
    )
    expect(Math.abs(shares[0]! - shares[1]!)).toBeLessThanOrEqual(3)
    // Two peers that call one after another cannot use a third of it, and keep nobody from it.
    expect(server.calls.length).toBe(80)
  })

  it('find an unknown limit by being turned away, and go on', async () => {
    const here = stage()
    const server = endpointWith({ requests: 90, tokens: null }, here.clock)
    await work(here, server, 6)
    expect(server.calls).toHaveLength(120)
    expect(server.turnedAway.length).toBeLessThan(40)
  })

  it('whose clocks differ by seconds all get their turn', async () => {
    const limits = { requests: 120, tokens: null }
    const here = stage(limits)
    const server = endpointWith({ requests: 126, tokens: null }, here.clock)
    await work(here, server, 6, (peer) => (peer % 5) * 1_500 - 3_000)
    expect(server.turnedAway).toEqual([])
    expect(server.calls.at(-1)!.at).toBeLessThan(2 * MINUTE_MS)
  })

  it('all stop while one of them was told to wait', async () => {
    const here = stage({ requests: 600 })
    const [one, two, slow] = [
      here.process('one'),
      here.process('two'),
      here.process('slow', { skewMs: -3_000 }),
    ]
    const grant = await here.when(one.wait(call(r1), never()))
    await here.when(slow.wait(call(r2), never()))
    await here.when(grant.refused(30_000))
    const at = here.clock.now()
    await here.when(Promise.all([two, slow, one].map((rates) => rates.wait(call(r1), never()))))
    expect(here.clock.now() - at).toBeGreaterThanOrEqual(29_950)
    expect(here.clock.now() - at).toBeLessThan(32_000)
  })

  it('do not wait for one that died, before its turn or with a grant in its hand', async () => {
    const here = stage({ requests: 6, tokens: 100_000 })
    const [dying, alive] = [here.process('dying'), here.process('alive')]
    await here.when(dying.wait(call(r1), never()))
    for (let more = 0; more < 3; more++) void dying.wait(call(r1), never())
    await pass(here.clock, 100)
    expect((await here.record()).waiting).toHaveLength(3)
    here.network.crash('dying')
    await here.when(alive.wait(call(r2), never()))
    expect(here.clock.now()).toBeLessThan(15_000)
    await here.when(alive.wait(call(r2), never()))
    expect((await here.record()).waiting).toEqual([])
  })
})

describe('a wait for a rate', () => {
  it('that would be too long fails at once, and says when', async () => {
    const here = stage({ requests: 1 })
    const rates = here.process('one')
    await here.when(rates.wait(call(r1), never()))
    const error: ModelError = await here.when(
      rates.wait(call(r1, { patienceMs: 5_000 }), never()).catch((error) => error),
    )
    expect(error).toMatchObject({ code: 'model.rate-limited', retryable: true })
    expect(error.retryAfterMs).toBeGreaterThan(55_000)
    expect(error.message).toMatch(
      /"goose-1" of api\.test may be called again in 60 s, at 1970-01-01T00:01:00/,
    )
    expect(here.clock.now()).toBeLessThan(1_000)
    await pass(here.clock, 100)
    expect((await here.record()).waiting).toEqual([])
  })

  it('ends when nobody wants it any more, and leaves nothing', async () => {
    const here = stage({ requests: 1 })
    const rates = here.process('one')
    await here.when(rates.wait(call(r1), never()))
    const cancel = new AbortController()
    const waiting = rates.wait(call(r1), cancel.signal).catch((error) => error)
    await pass(here.clock, 3_000)
    expect((await here.record()).waiting).toHaveLength(1)
    cancel.abort('cancelled')
    expect(await here.when(waiting)).toBe('cancelled')
    await pass(here.clock, 100)
    expect((await here.record()).waiting).toEqual([])
  })

  it('whose write is not answered takes one call and not two', async () => {
    let appends = 0
    const here = stage({ requests: 60 }, ({ name, client }) =>
      client === 'one' && name === 'records.append' && ++appends === 2 ? { unanswered: true } : {},
    )
    const rates = here.process('one')
    const grant = await here
      .when(rates.wait(call(r1), never()))
      .catch((error) => expect(error).toBeInstanceOf(AmbiguousError))
    expect(grant).toBeDefined()
    expect(Object.keys((await here.record()).open)).toHaveLength(1)
    expect((await here.record()).pulse.count).toBe(1)
  })
})

describe('the record of a rate', () => {
  it('holds neither the key nor what one could find it by', async () => {
    const here = stage({ requests: 60 })
    await here.when(here.process('one').wait(call(r1), never()))
    const [entry] = await here.history()
    expect(`${entry!.key} ${Buffer.from(entry!.value)}`).not.toContain('secret')
    expect(entry!.key).toMatch(/^rate\.[0-9a-f]{24}$/)
    expect(rateKey(endpoint, 'a')).not.toBe(rateKey({ ...endpoint, apiKey: 'sk-other' }, 'a'))
  })

  it('has the limits that were configured last, and the lower of them and what the endpoint tells', async () => {
    const here = stage()
    const one = here.process('one', { limits: { requests: 100, tokens: 5_000 } })
    const grant = await here.when(one.wait(call(r1), never()))
    grant.told({ requestsPerMinute: 50 })
    const two = here.process('two')
    await here.when(two.wait(call(r1), never()))
    await pass(here.clock, 100)
    const { configured, told } = await here.record()
    expect([configured, told]).toEqual([
      { requests: 100, tokens: 5_000 },
      { requests: 50, tokens: null },
    ])
    await here.when(here.process('three', { limits: { requests: null } }).wait(call(r1), never()))
    expect((await here.record()).configured).toEqual({ requests: null, tokens: 5_000 })
  })

  it('has them again where it was removed, and made anew by a process that knows of none', async () => {
    const here = stage()
    const one = here.process('one', { limits: { requests: 100 } })
    ;(await here.when(one.wait(call(r1), never()))).told({ requestsPerMinute: 50 })
    await pass(here.clock, 100)
    await here.when(here.network.connect('cleaner').records.purge('rate'))
    await here.when(here.process('two').wait(call(r2), never()))
    expect((await here.record()).configured.requests).toBeNull()
    await here.when(one.wait(call(r1), never()))
    expect(await here.record()).toMatchObject({ configured: { requests: 100 }, told: { requests: 50 } })
  })

  it('does not keep all of its past', async () => {
    const here = stage()
    const rates = here.process('one')
    for (let calls = 0; calls < 300; calls++) await here.when(rates.wait(call(r1), never()))
    await pass(here.clock, 100)
    expect((await here.history()).length).toBeLessThan(140)
  })

  it('is written by fifty at once', async () => {
    const here = stage()
    const all = Array.from({ length: 50 }, (_, index) => here.process(`p${index}`).wait(call(r1), never()))
    await here.when(Promise.all(all))
    expect(Object.keys((await here.record()).open)).toHaveLength(50)
    expect(here.clock.now()).toBeLessThan(5_000)
  })
})
