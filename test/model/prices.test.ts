import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { affordableOutput, costOf, priceOf, pricesSchema } from '../../src/model/prices.ts'

describe('the price of a model', () => {
  it('is the one in the list', () => {
    expect(priceOf('gpt-5-mini')).toEqual({ input: 0.25, output: 2 })
    expect(priceOf('o4-mini')).toEqual({ input: 1.1, output: 4.4 })
    expect(priceOf('offline')).toEqual({ input: 0, output: 0 })
  })

  it('is that of its base, where it is a dated version', () => {
    expect(priceOf('gpt-5-mini-2025-08-07')).toEqual(priceOf('gpt-5-mini'))
    expect(priceOf('gpt-5-2025-08-07')).toEqual(priceOf('gpt-5'))
  })

  it('is unknown for any other name, also for one that objects have', () => {
    for (const name of ['qwen3', 'gpt-5-maxi', 'toString', '__proto__', '']) {
      expect(priceOf(name)).toBeUndefined()
    }
  })

  it('is what an override says, for its dated versions as well, unless one of these has its own', () => {
    const overrides = {
      qwen3: { input: 0.1, output: 0.2 },
      'gpt-5': { input: 1, output: 9 },
      'gpt-5-2025-08-07': { input: 2, output: 8 },
    }
    expect(priceOf('qwen3', overrides)).toEqual({ input: 0.1, output: 0.2 })
    expect(priceOf('gpt-5-2026-01-01', overrides)).toEqual({ input: 1, output: 9 })
    expect(priceOf('gpt-5-2025-08-07', overrides)).toEqual({ input: 2, output: 8 })
  })

  it.each([{ m: { input: -1, output: 1 } }, { m: { input: 1 } }, { m: { input: 1, output: 1, cached: 1 } }])(
    'cannot be %j',
    (prices) => {
      expect(pricesSchema.safeParse(prices).success).toBe(false)
    },
  )
})

describe('the cost of a call', () => {
  it('is exact, in nano-dollars', () => {
    expect(costOf({ input: 0.25, output: 2 }, { inputTokens: 1, outputTokens: 0 })).toBe(250)
    expect(costOf({ input: 1.1, output: 4.4 }, { inputTokens: 3, outputTokens: 7 })).toBe(
      3 * 1_100 + 7 * 4_400,
    )
    expect(costOf({ input: 2.5, output: 10 }, { inputTokens: 1_000_000, outputTokens: 1_000_000 })).toBe(
      12.5e9,
    )
  })

  it('is rounded up where a token costs less than a nano-dollar', () => {
    expect(costOf({ input: 0.0001, output: 0 }, { inputTokens: 1, outputTokens: 0 })).toBe(1)
    expect(costOf({ input: 0.0001, output: 0 }, { inputTokens: 25, outputTokens: 0 })).toBe(3)
  })

  it('stays within the money that its output was capped for, and one more token would not', () => {
    const usd = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1_000)
    fc.assert(
      fc.property(usd, usd, fc.nat(100_000), fc.nat(1_000_000_000), (input, output, inputTokens, money) => {
        const price = { input, output }
        const most = affordableOutput(price, inputTokens, money)
        fc.pre(Number.isFinite(most))
        if (most < 0) expect(costOf(price, { inputTokens, outputTokens: 0 })).toBeGreaterThan(money)
        else expect(costOf(price, { inputTokens, outputTokens: most })).toBeLessThanOrEqual(money)
        expect(costOf(price, { inputTokens, outputTokens: most + 1 })).toBeGreaterThan(money)
      }),
    )
  })
})
