/**
 * How fast calls go now: the limits that are known, less while calls are turned away in spite of them, and a guess
 * where none is known. Multiplicative decrease, once for all calls that were let through before it, as TCP does for one
 * window (RFC 6582). A share of a known limit grows by addition (Chiu and Jain 1989); a guess grows back to where calls
 * were turned away along the concave half of a cubic curve, as CUBIC does (RFC 9438, section 4.1), stays near it for a
 * while, and doubles from then on, as a slow start does: what turned one call away may not have been a limit at all.
 */
import { type Bucket, bucketOf, drained, MINUTE_MS } from './bucket.ts'
import type { RateLimits, RateRecord } from './rate-record.ts'

const DECREASE = 0.7
/** Of the limit, or of the guess, each minute. */
const INCREASE = 0.3
const LEAST_SHARE = 0.1
/** Calls a minute, below which no guess goes: a few calls tell little. */
const LEAST_GUESS = 20
/** From a decrease until a guess is where it was before; and how long it takes to double from then on. */
const RECOVERY_MS = 40_000
const DOUBLING_MS = 20_000
/** Both are so many times as long at most, where calls are turned away near the same guess again and again. */
const MOST_PATIENCE = 3
/** A guess that would have grown so far is none any more. */
const FORGOTTEN = 64

/** First and longest pause where the endpoint says nothing of it. */
const PAUSE_MS = { first: 1_000, longest: 60_000 }
/** Strikes in a row from which an endpoint is not believed that says to come back sooner. */
const DISBELIEF = 4
/** Strikes further apart than this are not in a row. */
const FORGIVEN_MS = 120_000

/** Parts of the limits that may be taken at once. Tokens come in larger pieces. */
const BURST = { requests: 1 / 20, tokens: 1 / 8 }

export type Buckets = { readonly requests: Bucket | undefined; readonly tokens: Bucket | undefined }

const grown = (at: number, now: number) => (INCREASE * Math.max(0, now - at)) / MINUTE_MS

const lower = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))

type Guess = NonNullable<RateRecord['guess']>

const ceilingOf = ({ perMinute, ceiling }: Guess) => ceiling ?? perMinute / DECREASE

/** Calls a minute; null where there is no guess any more. */
function guessAt(guess: RateRecord['guess'], now: number): number | null {
  if (guess === null) return null
  const { perMinute, at, patience = 1 } = guess
  const [elapsed, recovery] = [Math.max(0, now - at), RECOVERY_MS * patience]
  const ceiling = ceilingOf(guess)
  if (elapsed < recovery) return ceiling - (ceiling - perMinute) * (1 - elapsed / recovery) ** 3
  const growth = 2 ** ((elapsed - recovery) / (DOUBLING_MS * patience))
  return growth > FORGOTTEN ? null : ceiling * growth
}

/** Calls and tokens a minute, now. */
export function rateAt({ configured, told, guess, share }: RateRecord, now: number): RateLimits {
  const part = Math.min(1, share.part + grown(share.at, now))
  const known = (limit: number | null) => (limit === null ? null : limit * part)
  return {
    requests: known(lower(configured.requests, told.requests)) ?? guessAt(guess, now),
    tokens: known(lower(configured.tokens, told.tokens)),
  }
}

export function bucketsAt(record: RateRecord, now: number): Buckets {
  const { requests, tokens } = rateAt(record, now)
  return {
    requests: requests === null ? undefined : bucketOf(requests, BURST.requests),
    tokens: tokens === null ? undefined : bucketOf(tokens, BURST.tokens),
  }
}

/** Calls let through in the last minute. */
export const pulseAt = ({ pulse }: RateRecord, now: number): number =>
  pulse.count * Math.exp(-Math.max(0, now - pulse.at) / MINUTE_MS)

export type Strike = {
  /** When the call was let through that was turned away. */
  readonly grantedAt: number
  readonly retryAfterMs: number | undefined
  /** From 0 to 1, of the caller's chance: those who are stopped by a guess should not all guess the same. */
  readonly jitter: number
}

/** A call was turned away: nobody calls until it may be made again, and all go slower then. */
export function struck(
  record: RateRecord,
  { grantedAt, retryAfterMs, jitter }: Strike,
  now: number,
): RateRecord {
  const { strikes } = record
  const isNews = strikes.count === 0 || grantedAt > strikes.at
  const inRow = now - strikes.at <= FORGIVEN_MS ? strikes.count : 0
  const count = isNews ? inRow + 1 : strikes.count
  const backOff = Math.min(PAUSE_MS.first * 2 ** (count - 1), PAUSE_MS.longest) * (0.75 + 0.5 * jitter)
  const pauseMs = Math.max(retryAfterMs ?? backOff, count < DISBELIEF ? 0 : backOff)
  const pausedUntil = Math.max(record.pausedUntil, now + pauseMs)
  const paused = { ...record, pausedUntil }
  const slower = isNews
    ? { ...paused, ...slowed(record, now, pausedUntil), strikes: { count, at: now } }
    : paused
  const { requests } = bucketsAt(slower, now)
  if (requests === undefined) return slower
  // All who wait for the end of the pause would else call at once.
  const emptyUntil = drained(requests, record.emptyUntil.requests, pausedUntil)
  return { ...slower, emptyUntil: { ...record.emptyUntil, requests: emptyUntil } }
}

function slowed(record: RateRecord, now: number, from: number): Partial<RateRecord> {
  const { configured, told, share } = record
  const part = Math.max(LEAST_SHARE, Math.min(1, share.part + grown(share.at, now)) * DECREASE)
  const slower = { share: { part, at: from } }
  if (lower(configured.requests, told.requests) !== null) return slower
  return { ...slower, guess: guessedAnew(record, now, from) }
}

function guessedAnew(record: RateRecord, now: number, from: number): Guess {
  const { guess } = record
  const rate = guessAt(guess, now)
  const lowered = (calls: number) => Math.max(LEAST_GUESS, calls * DECREASE)
  // An endpoint that counts by the minute turns calls away until the minute is over: that is one event.
  if (guess !== null && rate !== null && now - (guess.since ?? 0) < MINUTE_MS)
    return { ...guess, perMinute: lowered(rate), ceiling: ceilingOf(guess), at: from }
  // What was allowed says little where less was asked for.
  const perMinute = Math.min(rate ?? Number.POSITIVE_INFINITY, pulseAt(record, now))
  const isNear = guess !== null && rate !== null && rate < 2 * ceilingOf(guess)
  const patience = isNear ? Math.min(MOST_PATIENCE, (guess.patience ?? 1) + 1) : 1
  const least = lowered(perMinute)
  return { perMinute: least, ceiling: Math.max(least, perMinute), at: from, since: now, patience }
}
