import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import {
  type Ask,
  bookMessages,
  closeQuota,
  giveBackMessages,
  type Limits,
  leftOf,
  NO_LIMITS,
  openQuota,
  type Quota,
  quotaProblem,
  reserve,
  type Settlement,
  settle,
} from '../../src/run/quota.ts'

const run = runId('r1')
/** 1,000 nano-dollars for a token in, 2,000 for one out. */
const price = { input: 1, output: 2 }
const opened = (limits: Partial<Limits>) => openQuota(run, { ...NO_LIMITS, ...limits })

const ask = (more: Partial<Ask> = {}): Ask => ({
  ...{ key: 'r1/a 1.0', attempt: 1, inputTokens: 100, outputTokens: 50, leastOutputTokens: 10 },
  ...{ price, at: 7, ...more },
})

function reserved(quota: Quota, more: Partial<Ask> = {}): Quota {
  const made = reserve(quota, ask(more))
  if ('refused' in made) throw new Error(JSON.stringify(made.refused))
  return made.quota
}

const total = ({ spent, reserved: all, orphaned }: Quota) => ({
  tokens:
    spent.inputTokens +
    spent.outputTokens +
    orphaned.tokens +
    Object.values(all).reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0),
  money: spent.money + orphaned.money + Object.values(all).reduce((sum, one) => sum + one.money, 0),
})

describe('a reservation', () => {
  it('holds the most that its call may cost', () => {
    expect(reserved(opened({ tokens: 150 })).reserved).toEqual({
      'r1/a 1.0': { attempt: 1, inputTokens: 100, outputTokens: 50, money: 200_000, price, at: 7 },
    })
    expect(leftOf(reserved(opened({ tokens: 160, money: 200_001 })))).toMatchObject({ tokens: 10, money: 1 })
  })

  it('caps the output at what is left, of tokens or of money', () => {
    expect(reserve(opened({ tokens: 120 }), ask())).toMatchObject({ outputTokens: 20 })
    expect(reserve(opened({ tokens: 120, money: 131_999 }), ask())).toMatchObject({ outputTokens: 15 })
    expect(reserve(opened({}), ask())).toMatchObject({ outputTokens: 50 })
  })

  it('is refused where too little is left for an answer, and the limit is named', () => {
    const refused = (limits: Partial<Limits>, more?: Partial<Ask>) => reserve(opened(limits), ask(more))
    expect(refused({ tokens: 109, money: 0 })).toMatchObject({
      refused: { why: 'exhausted', limit: 'tokens', granted: 109, left: 109, asked: 110 },
    })
    expect(refused({ tokens: 1_000, money: 119_999 })).toMatchObject({
      refused: { why: 'exhausted', limit: 'money', left: 119_999, asked: 120_000 },
    })
    expect(refused({ money: 1 }, { price: undefined })).toMatchObject({ refused: { why: 'unpriced' } })
    expect(refused({ tokens: 150 }, { price: undefined })).toMatchObject({ outputTokens: 50 })
  })

  it('is made once, however often the same attempt asks', () => {
    const quota = reserved(opened({ tokens: 200 }))
    expect(reserve(quota, ask())).toEqual({ quota, outputTokens: 50 })
  })

  it('of a raised attempt orphans the one before, which may then not come back', () => {
    const quota = reserved(reserved(opened({ tokens: 400 })), { attempt: 2 })
    expect(quota.orphaned).toEqual({ tokens: 150, money: 200_000 })
    expect(quota.reserved['r1/a 1.0']).toMatchObject({ attempt: 2 })
    expect(reserve(quota, ask())).toEqual({ quota, refused: { why: 'outdated' } })
    const done = settle(quota, 'r1/a 1.0', 2, 'none')
    expect(reserve(done, ask())).toEqual({ quota: done, refused: { why: 'outdated' } })
  })

  it('is not made for who began a call and slept until it was begun anew, though he had reserved nothing', () => {
    const done = settle(reserved(opened({}), { attempt: 2 }), 'r1/a 1.0', 2, 'none')
    expect(reserve(done, ask())).toEqual({ quota: done, refused: { why: 'outdated' } })
    expect(reserve(done, ask({ attempt: 3 }))).toMatchObject({ outputTokens: 50 })
  })

  it('that is refused to a raised attempt leaves none of the one before', () => {
    const made = reserve(reserved(opened({ tokens: 200 })), ask({ attempt: 2 }))
    expect(made).toMatchObject({ refused: { limit: 'tokens', left: 50 }, quota: { reserved: {} } })
    expect(made.quota.orphaned.tokens).toBe(150)
  })
})

describe('settling', () => {
  const quota = reserved(opened({ tokens: 400 }))
  const key = 'r1/a 1.0'
  const usage = { inputTokens: 30, outputTokens: 5 }

  it('books what was used and gives the rest back', () => {
    const after = settle(quota, key, 1, usage)
    expect(after).toMatchObject({
      spent: { calls: 1, inputTokens: 30, outputTokens: 5, money: 40_000, messages: 0 },
      reserved: {},
      overrun: { tokens: 0, money: 0 },
    })
    expect(settle(after, key, 1, usage)).toBe(after)
  })

  it('books what was used above as overrun, and as spent', () => {
    expect(settle(quota, key, 1, { inputTokens: 130, outputTokens: 50 })).toMatchObject({
      spent: { inputTokens: 130, outputTokens: 50, money: 230_000 },
      overrun: { tokens: 30, money: 30_000 },
    })
  })

  it('of a call that nobody knows of orphans it, and of one that was not made releases it', () => {
    expect(settle(quota, key, 1, 'unknown')).toMatchObject({
      spent: { calls: 0 },
      orphaned: { tokens: 150, money: 200_000 },
      orphans: {},
      reserved: {},
    })
    expect(settle(quota, key, 1, 'none')).toEqual(opened({ tokens: 400 }))
  })

  it('that comes when another attempt has begun books what was used, instead of the orphan', () => {
    const after = settle(reserved(quota, { attempt: 2 }), key, 1, usage)
    expect(after).toMatchObject({
      spent: { calls: 1, inputTokens: 30, outputTokens: 5 },
      orphaned: { tokens: 0, money: 0 },
      orphans: {},
      reserved: { [key]: { attempt: 2 } },
    })
    expect(settle(after, key, 1, usage)).toBe(after)
  })

  it('that comes when the quota is closed does as well', () => {
    const closed = closeQuota(quota)
    expect(closed).toMatchObject({ reserved: {}, orphaned: { tokens: 150 } })
    expect(settle(closed, key, 1, usage)).toMatchObject({ spent: { calls: 1 }, orphaned: { tokens: 0 } })
    expect(settle(closed, key, 1, 'unknown')).toMatchObject({ orphaned: { tokens: 150 }, orphans: {} })
    expect(reserve(closed, ask({ key: 'r1/b 1.0' }))).toMatchObject({ refused: { why: 'closed' } })
  })
})

describe('messages', () => {
  it('are booked up to the limit, and given back', () => {
    const booked = bookMessages(opened({ messages: 3 }), 2)
    if ('refused' in booked) throw new Error('refused')
    expect(booked.quota.spent.messages).toBe(2)
    expect(bookMessages(booked.quota, 2)).toEqual({
      refused: { why: 'exhausted', limit: 'messages', granted: 3, left: 1, asked: 2 },
    })
    expect(giveBackMessages(booked.quota, 1).spent.messages).toBe(1)
    expect(bookMessages(closeQuota(booked.quota), 1)).toEqual({ refused: { why: 'closed' } })
  })
})

describe('the ledger', () => {
  const call = fc.record({ key: fc.constantFrom('a', 'b', 'c'), attempt: fc.integer({ min: 1, max: 3 }) })
  const settlement: fc.Arbitrary<Settlement> = fc.oneof(
    fc.constantFrom('unknown', 'none'),
    fc.record({ inputTokens: fc.nat(300), outputTokens: fc.nat(150) }),
  )
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('reserve'), call, size: fc.nat(200) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('settle'), call, settlement }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('book'), count: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close') }) },
  )
  type Step = {
    do: string
    call?: { key: string; attempt: number }
    size?: number
    settlement?: Settlement
    count?: number
  }

  function take(quota: Quota, { do: what, call: which, size, settlement: how, count }: Step): Quota {
    if (what === 'reserve') return reserve(quota, ask({ ...which!, inputTokens: size! })).quota
    if (what === 'settle') return settle(quota, which!.key, which!.attempt, how!)
    if (what === 'close') return closeQuota(quota)
    const booked = bookMessages(quota, count!)
    return 'refused' in booked ? quota : booked.quota
  }

  it('holds after every step: spent, reserved and orphaned are within what was granted', () => {
    const limit = fc.option(fc.nat(1_500))
    const limits = fc.record({
      tokens: limit,
      money: fc.option(fc.nat(1_000_000)),
      messages: fc.option(fc.nat(9)),
    })
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), (granted, steps) => {
        let quota = openQuota(run, granted)
        for (const one of steps) {
          quota = take(quota, one)
          expect(quotaProblem(quota)).toBeUndefined()
          // Said twice, it is done once.
          if (one.do !== 'book') expect(take(quota, one)).toEqual(quota)
        }
        quota = closeQuota(quota)
        expect([quotaProblem(quota), quota.reserved]).toEqual([undefined, {}])
      }),
      { numRuns: 500 },
    )
  })

  it('loses and invents nothing: what is spent is the sum of all that was used', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let quota = opened({})
        const used = { inputTokens: 0, outputTokens: 0, calls: 0 }
        for (const one of steps) {
          const name = `${one.call?.key} ${one.call?.attempt}`
          const isOpen =
            one.do === 'settle' &&
            (quota.reserved[one.call!.key]?.attempt === one.call!.attempt || name in quota.orphans)
          quota = take(quota, one)
          if (!isOpen || typeof one.settlement === 'string') continue
          used.inputTokens += one.settlement!.inputTokens
          used.outputTokens += one.settlement!.outputTokens
          used.calls++
        }
        expect(quota.spent).toMatchObject(used)
        expect(quota.spent.money).toBe(used.inputTokens * 1_000 + used.outputTokens * 2_000)
        expect(total(closeQuota(quota))).toEqual(total(quota))
      }),
      { numRuns: 500 },
    )
  })

  it('says what is wrong with it', () => {
    const quota = opened({ tokens: 10, messages: 1 })
    const spent = { ...quota.spent, inputTokens: 11 }
    expect(quotaProblem({ ...quota, spent })).toContain('11 tokens are spent, reserved or orphaned, and 10')
    expect(quotaProblem({ ...quota, spent, overrun: { tokens: 1, money: 0 } })).toBeUndefined()
    expect(quotaProblem({ ...quota, spent: { ...quota.spent, messages: 2 } })).toContain('2 messages')
    expect(quotaProblem({ ...reserved(opened({})), closed: true })).toContain('"r1/a 1.0" is reserved')
  })
})
