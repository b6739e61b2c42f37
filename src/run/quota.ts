/**
 * The quota of a run: what it may spend in tokens, money and messages, and what became of it. A pure ledger; `quotas`
 * keeps it in a record. Money is in whole nano-dollars.
 *
 * Q1. Spent, reserved and orphaned come to no more than what was granted and what was booked as overrun.
 * Q2. A reservation is in one place: `reserved` until it is settled, `orphans` when somebody else gave it up, else
 *     nowhere. So whoever settles it twice, or cannot tell whether he did, books it once.
 * Q3. What a call is known to have cost is booked as spent, also when it comes too late.
 */
import { z } from 'zod'
import { type RunId, runIdSchema } from '../../protocols/ids.ts'
import type { Usage } from '../model/model.ts'
import {
  affordableOutput,
  costOf,
  type Price,
  type Prices,
  priceSchema,
  pricesSchema,
} from '../model/prices.ts'

const count = z.number().int().min(0)
const limit = count.nullable()

/** Null: no limit. */
export const limitsSchema = z.object({ tokens: limit, money: limit, messages: limit })
export type Limits = Readonly<z.infer<typeof limitsSchema>>
export const NO_LIMITS: Limits = { tokens: null, money: null, messages: null }

/** The most that one attempt at a call may cost. */
const reservationSchema = z.object({
  attempt: z.number().int().positive(),
  inputTokens: count,
  outputTokens: count,
  money: count,
  /** Null where it is unknown: its money counts as none then. */
  price: priceSchema.nullable(),
  /** Milliseconds since 1970. */
  at: z.number(),
})
type Reservation = Readonly<z.infer<typeof reservationSchema>>

const amountSchema = z.object({ tokens: count, money: count })
type Amount = Readonly<z.infer<typeof amountSchema>>

export const quotaSchema = z.object({
  format: z.literal(1),
  run: runIdSchema,
  /** The run is over: nothing is reserved any more. */
  closed: z.boolean(),
  limits: limitsSchema,
  /** What counts more than the list of prices, for every peer of the run. */
  prices: pricesSchema,
  spent: z.object({ calls: count, inputTokens: count, outputTokens: count, money: count, messages: count }),
  /** By `<conversation> <effect>`: one attempt of each call at most. */
  reserved: z.record(z.string(), reservationSchema),
  /** The last attempt of each call that was begun anew: who began it earlier and was asleep comes too late. */
  raised: z.record(z.string(), z.number().int().min(2)),
  /** Of calls that may have been made and of which nobody knows what they cost. */
  orphaned: amountSchema,
  /** Those of them that somebody may still come and settle, by `<conversation> <effect> <attempt>`. */
  orphans: z.record(z.string(), reservationSchema),
  /** What calls used above their reservations. */
  overrun: amountSchema,
})
export type Quota = Readonly<z.infer<typeof quotaSchema>>

/** @param prices what counts more than the list of prices */
export function openQuota(run: RunId, limits: Limits, prices: Prices = {}): Quota {
  const nothing = { tokens: 0, money: 0 }
  return {
    format: 1,
    run,
    closed: false,
    limits,
    prices,
    spent: { calls: 0, inputTokens: 0, outputTokens: 0, money: 0, messages: 0 },
    reserved: {},
    raised: {},
    orphaned: nothing,
    orphans: {},
    overrun: nothing,
  }
}

export type Ask = {
  /** `<conversation> <effect>` */
  readonly key: string
  readonly attempt: number
  /** At most so many go in. */
  readonly inputTokens: number
  /** So many should be able to come out, and at least so many must. */
  readonly outputTokens: number
  readonly leastOutputTokens: number
  readonly price: Price | undefined
  readonly at: number
}

export type Refusal =
  | {
      readonly why: 'exhausted'
      readonly limit: keyof Limits
      readonly granted: number
      readonly left: number
      readonly asked: number
    }
  /** There is a limit in money, and no price. */
  | { readonly why: 'unpriced' }
  /** A later attempt has come already. */
  | { readonly why: 'outdated' }
  | { readonly why: 'closed' }

/** `quota` is another one also where it is refused: an attempt before may have been given up. */
export type Reserved =
  | { readonly quota: Quota; readonly outputTokens: number }
  | { readonly quota: Quota; readonly refused: Refusal }

export function reserve(quota: Quota, ask: Ask): Reserved {
  const { key, attempt, price } = ask
  const before = quota.reserved[key]
  if (before?.attempt === attempt) return { quota, outputTokens: before.outputTokens } // Q2
  if ((quota.raised[key] ?? 1) > attempt) return { quota, refused: { why: 'outdated' } }
  const rest = attempt > 1 ? raise(quota, key, attempt) : quota
  if (rest.closed) return { quota: rest, refused: { why: 'closed' } }
  if (price === undefined && rest.limits.money !== null) return { quota: rest, refused: { why: 'unpriced' } }
  const { inputTokens, outputTokens: wanted, leastOutputTokens: least } = ask
  const cost = (outputTokens: number) =>
    price === undefined ? 0 : costOf(price, { inputTokens, outputTokens })
  const left = leftOf(rest)
  const outputTokens = Math.min(
    wanted,
    left.tokens - inputTokens,
    price === undefined ? wanted : affordableOutput(price, inputTokens, left.money),
  )
  if (outputTokens < least) {
    const limit = left.tokens - inputTokens < least ? 'tokens' : 'money'
    const asked = limit === 'tokens' ? inputTokens + least : cost(least)
    return { quota: rest, refused: exhausted(rest, limit, asked) }
  }
  const reservation: Reservation = {
    ...{ attempt, inputTokens, outputTokens },
    ...{ money: cost(outputTokens), price: price ?? null, at: ask.at },
  }
  return { quota: { ...rest, reserved: { ...rest.reserved, [key]: reservation } }, outputTokens }
}

/** What a call came to: what it used; nobody knows; or it was not made, or not charged for. */
export type Settlement = Usage | 'unknown' | 'none'

export function settle(quota: Quota, key: string, attempt: number, settlement: Settlement): Quota {
  const name = orphanKey(key, attempt)
  const late = quota.orphans[name]
  const current = quota.reserved[key]
  if (late !== undefined) {
    const rest = { ...quota, orphans: without(quota.orphans, name) }
    if (settlement === 'unknown') return rest
    const orphaned = minus(quota.orphaned, amountOf(late))
    return book({ ...rest, orphaned }, late, settlement) // Q3
  }
  if (current?.attempt !== attempt) return quota // Q2
  const rest = { ...quota, reserved: without(quota.reserved, key) }
  if (settlement === 'unknown') return { ...rest, orphaned: plus(quota.orphaned, amountOf(current)) }
  return book(rest, current, settlement)
}

function book(quota: Quota, reservation: Reservation, settlement: Usage | 'none'): Quota {
  if (settlement === 'none') return quota
  const { inputTokens, outputTokens } = settlement
  const { spent, overrun } = quota
  const bound = amountOf(reservation)
  const used = {
    tokens: inputTokens + outputTokens,
    money: reservation.price === null ? 0 : costOf(reservation.price, settlement),
  }
  const above = {
    tokens: Math.max(0, used.tokens - bound.tokens),
    money: Math.max(0, used.money - bound.money),
  }
  return {
    ...quota,
    spent: {
      calls: spent.calls + 1,
      inputTokens: spent.inputTokens + inputTokens,
      outputTokens: spent.outputTokens + outputTokens,
      money: spent.money + used.money,
      messages: spent.messages,
    },
    overrun: plus(overrun, above),
  }
}

/** Messages between conversations, before they are sent. */
export function bookMessages(
  quota: Quota,
  messages: number,
): { readonly quota: Quota } | { readonly refused: Refusal } {
  if (messages === 0) return { quota }
  if (quota.closed) return { refused: { why: 'closed' } }
  if (messages > leftOf(quota).messages) return { refused: exhausted(quota, 'messages', messages) }
  return { quota: withMessages(quota, quota.spent.messages + messages) }
}

/** Messages that were booked and not sent. */
export const giveBackMessages = (quota: Quota, messages: number): Quota =>
  messages === 0 ? quota : withMessages(quota, Math.max(0, quota.spent.messages - messages))

const withMessages = (quota: Quota, messages: number): Quota => ({
  ...quota,
  spent: { ...quota.spent, messages },
})

/** Nothing is reserved from now on. What is reserved still counts as spent by nobody knows whom, until he says so. */
export function closeQuota(quota: Quota): Quota {
  if (quota.closed) return quota
  return { ...Object.keys(quota.reserved).reduce(orphan, quota), closed: true }
}

/** What can still be reserved; infinite where there is no limit. */
export function leftOf(quota: Quota): Readonly<Record<keyof Limits, number>> {
  const { limits, spent } = quota
  const used = usedOf(quota)
  const left = (limit: number | null, gone: number) =>
    limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - gone)
  return {
    tokens: left(limits.tokens, used.tokens),
    money: left(limits.money, used.money),
    messages: left(limits.messages, spent.messages),
  }
}

/** What is wrong with the ledger (Q1), or undefined. */
export function quotaProblem(quota: Quota): string | undefined {
  const { limits, spent, reserved, orphaned, orphans, overrun } = quota
  const used = usedOf(quota)
  for (const kind of ['tokens', 'money'] as const) {
    const granted = limits[kind]
    if (granted !== null && used[kind] > granted + overrun[kind])
      return `${used[kind]} ${kind} are spent, reserved or orphaned, and ${granted} are granted, ${overrun[kind]} overrun`
    const claimed = sum(Object.values(orphans))[kind]
    if (claimed > orphaned[kind]) return `orphans of ${claimed} ${kind} are in ${orphaned[kind]} orphaned`
  }
  if (limits.messages !== null && spent.messages > limits.messages)
    return `${spent.messages} messages are booked, and ${limits.messages} are granted`
  const [left] = Object.keys(reserved)
  return quota.closed && left !== undefined ? `it is closed, and "${left}" is reserved` : undefined
}

/** Spent, reserved and orphaned. */
function usedOf({ spent, reserved, orphaned }: Quota): Amount {
  const booked = { tokens: spent.inputTokens + spent.outputTokens, money: spent.money }
  return plus(plus(booked, orphaned), sum(Object.values(reserved)))
}

/** An attempt before this one is given up. */
function raise(quota: Quota, key: string, attempt: number): Quota {
  const rest = key in quota.reserved ? orphan(quota, key) : quota
  return rest.raised[key] === attempt ? rest : { ...rest, raised: { ...rest.raised, [key]: attempt } }
}

/** Gives a reservation up for somebody who may still come and settle it. */
function orphan(quota: Quota, key: string): Quota {
  const reservation = quota.reserved[key]!
  return {
    ...quota,
    reserved: without(quota.reserved, key),
    orphaned: plus(quota.orphaned, amountOf(reservation)),
    orphans: { ...quota.orphans, [orphanKey(key, reservation.attempt)]: reservation },
  }
}

const orphanKey = (key: string, attempt: number) => `${key} ${attempt}`

function exhausted(quota: Quota, limit: keyof Limits, asked: number): Refusal {
  return { why: 'exhausted', limit, granted: quota.limits[limit] ?? 0, left: leftOf(quota)[limit], asked }
}

const amountOf = ({ inputTokens, outputTokens, money }: Reservation): Amount => ({
  tokens: inputTokens + outputTokens,
  money,
})
const plus = (a: Amount, b: Amount): Amount => ({ tokens: a.tokens + b.tokens, money: a.money + b.money })
const minus = (a: Amount, b: Amount): Amount => ({ tokens: a.tokens - b.tokens, money: a.money - b.money })
const sum = (reservations: readonly Reservation[]): Amount =>
  reservations.map(amountOf).reduce(plus, { tokens: 0, money: 0 })

const without = <Value>(all: Readonly<Record<string, Value>>, key: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name !== key))
