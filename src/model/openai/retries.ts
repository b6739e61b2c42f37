/** When a call that was turned away is made again: as late as the endpoint asks for, or a little later each time. */
import type { Random } from '../../time/random.ts'
import type { ModelError } from '../model.ts'

/** Milliseconds; as the vendor's client has them. */
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 8_000
/** Part of a delay that chance takes off, so that peers that were turned away together do not come back together. */
const JITTER = 0.25

/** Milliseconds. Who is asked to stay away for longer fails, and says for how long: others may know what else to do. */
export const LONGEST_RETRY_AFTER_MS = 60_000

/** Between two looks at a server that is reading its model from disk, which takes it minutes. */
const LOADING_DELAY_MS = 2_000

/** What can be made again without a doubt that it was not done. */
const TURNED_AWAY: ReadonlySet<string> = new Set(
  ['unreachable', 'rate-limited', 'unavailable'].map((code) => `model.${code}`),
)

/** llama.cpp says it with status 503 (mostlygeek/llama-swap#146), Hugging Face's servers as well. */
export const isLoading = ({ code, message }: ModelError): boolean =>
  code === 'model.unavailable' && /status 503/.test(message) && /\bloading\b/i.test(message)

export type Retries = {
  readonly maxRetries: number
  /** Who calls keeps the rate, and makes the call again. */
  readonly leavesRateLimits: boolean
  readonly random: Random
}

/**
 * Milliseconds until the next attempt, or undefined where there is to be none.
 * @param failed attempts that have failed so far, this one included
 */
export function delayBefore(
  failure: ModelError,
  failed: number,
  { maxRetries, leavesRateLimits, random }: Retries,
): number | undefined {
  if (leavesRateLimits && failure.code === 'model.rate-limited') return undefined
  if (!failure.retryable || !TURNED_AWAY.has(failure.code)) return undefined
  if (isLoading(failure)) return failure.retryAfterMs ?? LOADING_DELAY_MS
  if (failed > maxRetries) return undefined
  if (failure.retryAfterMs !== undefined) {
    return failure.retryAfterMs <= LONGEST_RETRY_AFTER_MS ? failure.retryAfterMs : undefined
  }
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failed - 1), LONGEST_DELAY_MS)
  return Math.round(delay * (1 - JITTER * random.next()))
}
