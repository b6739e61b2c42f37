/**
 * Waiting for the rate at which a model may be called, together with all who share its endpoint and key: the ledger of
 * `ledger.ts`, kept in the record `rate.<hash>`. The key itself stands nowhere, only in what the hash is made of.
 *
 * Who waits sleeps until his turn as the record foretells it, and looks again; nobody tells him. A process that has no
 * limits configured keeps those that another one has: what was configured last counts for all. A record that nobody
 * wrote for `UNUSED_MS` may be removed: there is nothing in it any more that its next user does not know or find out.
 */
import { createHash } from 'node:crypto'
import type { RunId } from '../../protocols/ids.ts'
import type { RecordKey, Records } from '../bus/records.ts'
import { type Log, silentLog } from '../log.ts'
import { ModelError, type RateTold, type Usage } from '../model/model.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type KeptRecord, keptRecord } from './kept-record.ts'
import { ask, GRACE_MS, leave, limit, refuse, settle } from './ledger.ts'
import type { RateLimits, RateRecord } from './rate-record.ts'

export type RateAsk = {
  readonly run: RunId
  readonly model: string
  /** So many are expected to be used, in and out. */
  readonly tokens: number
  /** Longest time to wait, in milliseconds. */
  readonly patienceMs: number
  /** When the wait is of no use any more, in milliseconds since 1970. */
  readonly deadline: number
}

/** A call that was let through. */
export type RateGrant = {
  /** Milliseconds that it was waited for, 0 where it was let through at once. */
  readonly waitedMs: number
  /** What the call used; nothing, where it was not made or not charged for; or nobody knows. Returns at once. */
  settle(used: Usage | 'none' | 'unknown'): void
  /** The endpoint turned it away. Answers whether it is worth asking again here: whoever asks waits for as long as it must. */
  refused(retryAfterMs?: number): Promise<boolean>
  /** What the endpoint says of its limits. Returns at once. */
  told(limits: RateTold): void
}

/** What a call to a model needs of the rate. */
export interface CallRates {
  /**
   * @throws ModelError `model.rate-limited` with `retryAfterMs`, where it would wait for too long: at once, not then;
   * the signal's reason; UnavailableError, AmbiguousError: ask again
   */
  wait(ask: RateAsk, signal: AbortSignal): Promise<RateGrant>
}

/** For models that anybody may call as fast as he likes. */
export const freeRates: CallRates = {
  wait: async () => ({ waitedMs: 0, settle: () => {}, refused: async () => false, told: () => {} }),
}

/** Longest sleep of who waits: his turn may come sooner than was foretold, and must not lapse (L4). */
const LONGEST_NAP_MS = GRACE_MS / 2
/** Shortest sleep of who finds another before him. */
const SHORTEST_NAP_MS = 30
/** What was taken, paused and guessed is long past then. */
export const UNUSED_MS = 86_400_000
/** Waits worth a line in the log. */
const LONG_MS = 5_000

export type RateLimitsOptions = {
  readonly records: Records
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
  readonly endpoint: { readonly baseUrl: string; readonly apiKey: string }
  /** What is configured here: null takes away what was, and what is not given stays. */
  readonly limits?: Partial<RateLimits>
}

/** What the keys of all of them begin with. */
export const RATE: RecordKey = 'rate'

/** 96 bits: nobody finds a key by them, and no two keys share them. */
export const rateKey = ({ baseUrl, apiKey }: RateLimitsOptions['endpoint'], model: string): RecordKey =>
  `${RATE}.${createHash('sha256')
    .update(JSON.stringify(['skein rate', baseUrl, apiKey, model]))
    .digest('hex')
    .slice(0, 24)}`

export function createRateLimits(options: RateLimitsOptions): CallRates {
  const { clock, random, log = silentLog, endpoint, limits = {} } = options
  const { host } = new URL(endpoint.baseUrl)
  const holder = random.hex(6)
  const kept = new Map<string, KeptRecord>()
  const lastTold = new Map<string, Partial<RateLimits>>()
  /** How far the fastest clock is ahead of ours, as far as we know (L5). */
  let aheadMs = 0

  const seen = (time: number) => {
    aheadMs = Math.max(aheadMs, time - clock.now())
    return clock.now() + aheadMs
  }

  function recordOf(model: string): KeptRecord {
    const known = kept.get(model)
    if (known !== undefined) return known
    const made = keptRecord({
      ...options,
      key: rateKey(endpoint, model),
      about: { endpoint: host, model },
      bring: (record) => limit(limit(record, 'configured', limits), 'told', lastTold.get(model) ?? {}),
    })
    kept.set(model, made)
    return made
  }

  /** What nobody waits for: a write that fails leaves the rate a little too careful. */
  async function later(
    record: KeptRecord,
    model: string,
    by: (found: RateRecord) => RateRecord,
  ): Promise<void> {
    await record
      .change((found) => ({ record: by(found), result: undefined }))
      .catch((error) => log.warn('the rate of a model could not be noted', { model, error: String(error) }))
  }

  return {
    async wait({ run, model, tokens, patienceMs, deadline }, signal) {
      signal.throwIfAborted()
      const record = recordOf(model)
      const id = random.hex(8)
      const begun = clock.now()
      const last = Math.min(begun + patienceMs, deadline)
      let since: number | undefined
      let isTold = false
      let hasWaited = false
      for (;;) {
        const asked = await record.change((found) => {
          const now = seen(found.time)
          since ??= now
          const answer = ask(found, { id, holder, run, tokens, since }, now)
          return { record: answer.record, result: answer }
        })
        if (signal.aborted) leaveNow(record, model, id, signal)
        if (asked.granted) return grantOf(record, model, id, asked.at, hasWaited ? clock.now() - begun : 0)
        hasWaited = true
        const waitMs = asked.readyAt - asked.at
        if (clock.now() + waitMs > last) {
          void later(record, model, (found) => leave(found, id))
          throw tooLate(model, host, waitMs, new Date(clock.now() + waitMs), last - clock.now())
        }
        if (waitMs > LONG_MS && !isTold) {
          isTold = true
          log.info('waiting for the rate limit of a model', {
            run,
            model,
            seconds: Math.ceil(waitMs / 1_000),
          })
        }
        const nap = Math.max(waitMs, SHORTEST_NAP_MS * (1 + random.next()))
        await sleep(clock, Math.min(nap, LONGEST_NAP_MS), signal)
        if (signal.aborted) leaveNow(record, model, id, signal)
      }
    },
  }

  function leaveNow(record: KeptRecord, model: string, id: string, signal: AbortSignal): never {
    void later(record, model, (found) => leave(settle(found, id, 0, found.time), id))
    throw signal.reason
  }

  function grantOf(record: KeptRecord, model: string, id: string, at: number, waitedMs: number): RateGrant {
    return {
      waitedMs,
      settle(used) {
        const count =
          used === 'unknown' ? undefined : used === 'none' ? 0 : used.inputTokens + used.outputTokens
        void later(record, model, (found) => settle(found, id, count, seen(found.time)))
      },
      async refused(retryAfterMs) {
        const jitter = random.next()
        let from: number | undefined
        await later(record, model, (found) => {
          from ??= seen(found.time)
          return refuse(found, id, { grantedAt: at, retryAfterMs, jitter }, from)
        })
        return true
      },
      told({ requestsPerMinute, tokensPerMinute }) {
        const limits = {
          ...(requestsPerMinute !== undefined && { requests: requestsPerMinute }),
          ...(tokensPerMinute !== undefined && { tokens: tokensPerMinute }),
        }
        if (JSON.stringify(lastTold.get(model)) === JSON.stringify(limits)) return
        lastTold.set(model, limits)
        void later(record, model, (found) => limit(found, 'told', limits))
      },
    }
  }
}

function tooLate(model: string, host: string, waitMs: number, at: Date, leftMs: number): ModelError {
  const seconds = (ms: number) => `${Math.ceil(Math.max(0, ms) / 1_000)} s`
  return new ModelError(
    'rate-limited',
    `"${model}" of ${host} may be called again in ${seconds(waitMs)}, at ${at.toISOString()}, and this call waits for ${seconds(leftMs)} at most: run fewer peers, raise its limits, or give the role a fallback`,
    { retryable: true, retryAfterMs: Math.ceil(waitMs) },
  )
}
