/**
 * The quotas of runs, kept in records and changed by compare-and-set. Key `quota.<run>`. A run without such a record
 * has no limits, and nothing is written for it: it is written before the run's first message, or never.
 *
 * A write without an answer is looked up by its nonce, in the journal where others have written since, so that nothing
 * is booked twice. A read that is older than what is known here already is none.
 */
import { z } from 'zod'
import type { RunId } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { AmbiguousError, ConflictError, UnavailableError } from '../bus/errors.ts'
import type { RecordKey, Records } from '../bus/records.ts'
import { type Log, silentLog } from '../log.ts'
import { type Prices, priceOf } from '../model/prices.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import {
  bookMessages,
  closeQuota,
  giveBackMessages,
  type Limits,
  openQuota,
  type Quota,
  quotaSchema,
  type Refusal,
  reserve,
  type Settlement,
  settle,
} from './quota.ts'
import { QuotaError } from './quota-error.ts'

/** One attempt at a call to a model. */
export type CallAsk = {
  readonly run: RunId
  /** `<conversation> <effect>` */
  readonly key: string
  readonly attempt: number
  /** By it the call is priced. */
  readonly model: string
  /** At most so many go in. */
  readonly inputTokens: number
  /** What the caller would cap the output at by himself, if he would. */
  readonly maxOutputTokens?: number | undefined
}

export type Reservation = Pick<CallAsk, 'run' | 'key' | 'attempt'> & {
  /** What the output must be capped at, where there is a limit. */
  readonly maxOutputTokens?: number
}

/** What a call to a model needs of its run's quota. */
export interface CallQuotas {
  /** @throws QuotaError; UnavailableError, AmbiguousError: the same attempt may ask again */
  reserve(ask: CallAsk): Promise<Reservation>
  /** Tries until it is booked, or `stop` is called. Never rejects. */
  settle(reservation: Reservation, settlement: Settlement): Promise<void>
}

/** What sending messages needs of its run's quota. */
export interface MessageQuotas {
  /**
   * Books messages before they are sent, and answers why not where it does not.
   * @throws UnavailableError: nothing is booked; AmbiguousError: nobody knows, do not book them again
   */
  bookMessages(run: RunId, messages: number): Promise<Refusal | undefined>
  /** @throws as `bookMessages` */
  giveBackMessages(run: RunId, messages: number): Promise<void>
}

export interface Quotas extends CallQuotas, MessageQuotas {
  /** Before the run's first message. A run whose quota is there keeps it. @throws UnavailableError, AmbiguousError */
  open(run: RunId, limits: Limits, prices?: Prices): Promise<void>
  /** Undefined where there are no limits. @throws UnavailableError */
  read(run: RunId): Promise<Quota | undefined>
  /** The run is over: nothing is reserved any more, and what is reserved becomes orphaned. Idempotent. @throws as `open` */
  close(run: RunId): Promise<void>
  /** What is being settled gets one more try, and so does what was being reserved; resolves when they had it. */
  stop(): Promise<void>
}

export const quotaKey = (run: RunId): RecordKey => `quota.${run}`

/** Output tokens of a call whose role says nothing of them. */
const OUTPUT_TOKENS = 8_192
/** A call with less room for its answer is not worth making. */
const LEAST_OUTPUT_TOKENS = 256

/** Times that a change is decided anew since others wrote, or a write without an answer is sent again. */
const TRIES = 20
/** First and longest pause of who waits for others or for the bus. */
const PAUSE_MS = { first: 20, longest: 2_000 }

/** As it stands in the record. The nonce tells a write of one's own from somebody else's. */
const recordSchema = quotaSchema.extend({ nonce: z.string() })
type QuotaRecord = z.infer<typeof recordSchema>
type Found = { readonly quota: QuotaRecord; readonly revision: number }

export type QuotasOptions = {
  readonly records: Records
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
}

export function createQuotas({ records, clock, random, log = silentLog }: QuotasOptions): Quotas {
  const unlimited = new Set<RunId>()
  const newest = new Map<RunId, number>()
  const underWay = new Set<Promise<unknown>>()
  const stopping = new AbortController()

  /** `stop` waits for it. */
  function awaited<Result>(work: Promise<Result>): Promise<Result> {
    const done = work.finally(() => underWay.delete(done))
    underWay.add(done)
    return done
  }

  /** Half of it is chance: who lost to others at the same time shall not come back at the same time. */
  const pauseAt = (tries: number) =>
    Math.ceil((0.5 + 0.5 * random.next()) * Math.min(PAUSE_MS.first * 2 ** (tries - 1), PAUSE_MS.longest))

  const isKnown = (run: RunId, revision: number) =>
    void newest.set(run, Math.max(revision, newest.get(run) ?? 0))

  async function find(run: RunId): Promise<Found | undefined> {
    // As of now: what is written here while it is being read, it need not hold.
    const known = newest.get(run) ?? 0
    const entry = await records.read(quotaKey(run))
    if ((entry?.revision ?? 0) < known)
      throw new UnavailableError(`the quota of run "${run}" was read as it no longer is: try again`)
    if (entry === undefined) return undefined
    isKnown(run, entry.revision)
    return { quota: decode(run, entry.value), revision: entry.revision }
  }

  /** Whether it was written on top of that revision; where not, somebody else's was. */
  async function write(quota: Quota, expected: number): Promise<boolean> {
    const { run } = quota
    const nonce = random.hex(8)
    const bytes = encode({ ...quota, nonce })
    let unanswered: unknown
    for (let tries = 1; ; tries++) {
      try {
        isKnown(run, await records.append(quotaKey(run), bytes, expected))
        return true
      } catch (error) {
        // What was sent before may still be applied.
        if (error instanceof UnavailableError) throw unanswered ?? error
        if (error instanceof ConflictError && unanswered === undefined) return false
        if (!(error instanceof ConflictError || error instanceof AmbiguousError)) throw error
        unanswered ??= error
        const fate = await fateOf(run, nonce, expected).catch(() => 'unknown' as const)
        if (fate !== 'open' && fate !== 'unknown') return fate === 'written'
        if (tries >= TRIES) throw unanswered
        await sleep(clock, pauseAt(tries), stopping.signal)
      }
    }
  }

  async function fateOf(run: RunId, nonce: string, expected: number): Promise<'written' | 'lost' | 'open'> {
    const last = await find(run)
    if (last?.quota.nonce === nonce) return 'written'
    if ((last?.revision ?? 0) <= expected) return 'open'
    const journal = await records.history(quotaKey(run))
    return journal.some(({ value }) => decode(run, value).nonce === nonce) ? 'written' : 'lost'
  }

  /** Undefined where the run has no quota. A change that gives the quota back as it is, is not written. */
  async function change<Change extends { readonly quota: Quota }>(
    run: RunId,
    decide: (quota: Quota) => Change,
  ): Promise<Change | undefined> {
    if (unlimited.has(run)) return undefined
    for (let tries = 1; ; tries++) {
      const found = await find(run)
      if (found === undefined) {
        unlimited.add(run)
        return undefined
      }
      const decided = decide(found.quota)
      if (decided.quota === found.quota || (await write(decided.quota, found.revision))) return decided
      if (tries >= TRIES)
        throw new UnavailableError(`the quota of run "${run}" changes all the time: try again`)
      await sleep(clock, pauseAt(tries), stopping.signal)
    }
  }

  async function untilBooked({ run, key, attempt }: Reservation, settlement: Settlement): Promise<void> {
    for (let tries = 1; ; tries++) {
      const last = stopping.signal.aborted
      try {
        await change(run, (quota) => ({ quota: settle(quota, key, attempt, settlement) }))
        return
      } catch (error) {
        const passes = [UnavailableError, AmbiguousError, ConflictError].some((kind) => error instanceof kind)
        if (!passes || last) {
          log.error('what a call cost could not be booked', { run, call: key, error: String(error) })
          return
        }
        await sleep(clock, pauseAt(tries), stopping.signal)
      }
    }
  }

  async function reserved({
    run,
    key,
    attempt,
    model,
    inputTokens,
    maxOutputTokens,
  }: CallAsk): Promise<Reservation> {
    const outputTokens = maxOutputTokens ?? OUTPUT_TOKENS
    const made = await change(run, (quota) => {
      const ask = {
        ...{ key, attempt, inputTokens, outputTokens },
        leastOutputTokens: Math.min(outputTokens, LEAST_OUTPUT_TOKENS),
        price: priceOf(model, quota.prices),
        at: clock.now(),
      }
      const { tokens, money } = quota.limits
      return { ...reserve(quota, ask), capped: tokens !== null || money !== null }
    })
    if (made !== undefined && 'refused' in made)
      throw new QuotaError(made.refused, run, `a call to "${model}"`)
    const cap = made?.capped ? made.outputTokens : maxOutputTokens
    return { run, key, attempt, ...(cap !== undefined && { maxOutputTokens: cap }) }
  }

  return {
    reserve: (ask) => awaited(reserved(ask)),
    settle(reservation, settlement) {
      if (unlimited.has(reservation.run)) return Promise.resolve()
      return awaited(untilBooked(reservation, settlement))
    },
    async open(run, limits, prices) {
      unlimited.delete(run)
      for (let tries = 1; (await find(run)) === undefined; tries++) {
        if (await write(openQuota(run, limits, prices), 0)) return
        await sleep(clock, pauseAt(tries), stopping.signal)
      }
    },
    read: async (run) => {
      const found = await find(run)
      if (found === undefined) return undefined
      const { nonce: _, ...quota } = found.quota
      return quota
    },
    async bookMessages(run, messages) {
      const booked = await change(run, (quota) => {
        const result = bookMessages(quota, messages)
        return 'refused' in result ? { quota, refused: result.refused } : { ...result, refused: undefined }
      })
      return booked?.refused
    },
    async giveBackMessages(run, messages) {
      await change(run, (quota) => ({ quota: giveBackMessages(quota, messages) }))
    },
    async close(run) {
      await change(run, (quota) => ({ quota: closeQuota(quota) }))
    },
    async stop() {
      stopping.abort()
      // Whoever gets what he asked for now gives it back as soon as he has it.
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

/** For where no run has limits. */
export const unlimitedQuotas: CallQuotas & MessageQuotas = {
  reserve: async ({ run, key, attempt, maxOutputTokens }) => ({
    ...{ run, key, attempt },
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  }),
  settle: async () => {},
  bookMessages: async () => undefined,
  giveBackMessages: async () => {},
}

const encode = (quota: QuotaRecord): Uint8Array => Buffer.from(JSON.stringify(quota))

/** @throws InvalidError `invalid.quota` */
const decode = (run: RunId, bytes: Uint8Array): QuotaRecord =>
  parseAs(recordSchema, JSON.parse(Buffer.from(bytes).toString()), 'quota', `the quota of run "${run}"`)
