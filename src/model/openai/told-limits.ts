/**
 * What an endpoint says of its rate limits in the headers of a reply. The names are OpenAI's, which many compatible
 * endpoints follow; what is missing or makes no sense is not told.
 */
import type { RateTold } from '../model.ts'

type Headers = { get(name: string): string | null }

/** A limit that is larger says nothing. */
const LARGEST = 1e12

/** Undefined where the headers tell no limit. */
export function toldLimits(headers: Headers): RateTold | undefined {
  const requestsPerMinute = countOf(headers.get('x-ratelimit-limit-requests'))
  const tokensPerMinute = countOf(headers.get('x-ratelimit-limit-tokens'))
  if (requestsPerMinute === undefined && tokensPerMinute === undefined) return undefined
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
  }
}

/**
 * Milliseconds until a call that was turned away may be made again, or undefined where nothing says so. A date is
 * compared with the reply's own, so that our clock does not count.
 */
export function retryAfterOf(headers: Headers): number | undefined {
  const exact = numberOf(headers.get('retry-after-ms'))
  if (exact !== undefined) return Math.ceil(exact)
  const after = headers.get('retry-after')
  const seconds = numberOf(after)
  if (seconds !== undefined) return Math.ceil(seconds * 1_000)
  const [until, now] = [Date.parse(after ?? ''), Date.parse(headers.get('date') ?? '')]
  if (!Number.isNaN(until) && !Number.isNaN(now)) return Math.max(0, until - now)
  return resetOf(headers)
}

/**
 * A limit that nothing is left of is what turned the call away. Where none says so it is that of tokens: a call may be
 * too large for what is left of them.
 */
function resetOf(headers: Headers): number | undefined {
  const [requests, tokens] = ['requests', 'tokens'].map((kind) => ({
    left: numberOf(headers.get(`x-ratelimit-remaining-${kind}`)),
    resetMs: lengthOf(headers.get(`x-ratelimit-reset-${kind}`)),
  }))
  const spent = [requests!, tokens!].flatMap(({ left, resetMs }) => (left === 0 ? (resetMs ?? []) : []))
  return spent.length > 0 ? Math.max(...spent) : (tokens!.resetMs ?? requests!.resetMs)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `6m0s`, `120ms`, or a number of seconds. */
function lengthOf(text: string | null): number | undefined {
  const seconds = numberOf(text)
  if (seconds !== undefined) return Math.ceil(seconds * 1_000)
  if (text === null || !/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  return Math.ceil(parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0))
}

const numberOf = (text: string | null): number | undefined =>
  text !== null && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined

function countOf(text: string | null): number | undefined {
  const number = numberOf(text)
  return number !== undefined && number >= 1 && number <= LARGEST ? Math.floor(number) : undefined
}
