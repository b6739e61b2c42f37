import { describe, expect, it } from 'vitest'
import { retryAfterOf, toldLimits } from '../../src/model/openai/told-limits.ts'

const headers = (given: Record<string, string>) => new Headers(given)

describe('how long an endpoint says to wait', () => {
  it.each([
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 10_000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 0],
    [{ 'x-ratelimit-reset-tokens': '6m0.5s' }, 360_500],
    [{ 'x-ratelimit-reset-requests': '120ms' }, 120],
    [{ 'x-ratelimit-reset-requests': '3' }, 3_000],
  ])('%j is %i ms', (given, ms) => {
    expect(retryAfterOf(headers(given))).toBe(ms)
  })

  it('is until the limit is free again that nothing is left of', () => {
    const resets = { 'x-ratelimit-reset-requests': '8m', 'x-ratelimit-reset-tokens': '2s' }
    const left = (requests: number, tokens: number) => ({
      'x-ratelimit-remaining-requests': `${requests}`,
      'x-ratelimit-remaining-tokens': `${tokens}`,
    })
    expect(retryAfterOf(headers({ ...resets, ...left(0, 70) }))).toBe(480_000)
    expect(retryAfterOf(headers({ ...resets, ...left(70, 0) }))).toBe(2_000)
    expect(retryAfterOf(headers({ ...resets, ...left(70, 12) }))).toBe(2_000)
  })

  it.each([
    [{}],
    [{ 'retry-after': 'soon' }],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT' }],
    [{ 'x-ratelimit-reset-requests': '-1s' }],
  ])('is nothing in %j', (given) => {
    expect(retryAfterOf(headers(given))).toBeUndefined()
  })
})

describe('the limits that an endpoint tells', () => {
  it('are requests and tokens a minute', () => {
    const told = headers({ 'x-ratelimit-limit-requests': '500', 'x-ratelimit-limit-tokens': '200000' })
    expect(toldLimits(told)).toEqual({ requestsPerMinute: 500, tokensPerMinute: 200_000 })
  })

  it.each([[{}], [{ 'x-ratelimit-limit-requests': '0' }], [{ 'x-ratelimit-limit-tokens': 'many' }]])(
    'are none in %j',
    (given) => {
      expect(toldLimits(headers(given))).toBeUndefined()
    },
  )
})
