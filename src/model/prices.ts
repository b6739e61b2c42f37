/**
 * What tokens cost, in whole nano-dollars (1e-9 USD), so that sums are exact. Discounts are not counted: what an
 * endpoint serves from its cache costs less than this says, never more.
 */
import { z } from 'zod'
import type { Usage } from './model.ts'
import { OFFLINE_MODEL } from './offline.ts'

/** USD per million tokens. */
export const priceSchema = z.strictObject({ input: z.number().min(0), output: z.number().min(0) })
export type Price = Readonly<z.infer<typeof priceSchema>>

/** By model. */
export const pricesSchema = z.record(z.string(), priceSchema)
export type Prices = Readonly<Record<string, Price>>

/** List prices as known when this was written. They change: `prices` in the config counts more. */
const LIST_PRICES: ReadonlyMap<string, Price> = new Map([
  ['gpt-5', { input: 1.25, output: 10 }],
  ['gpt-5-mini', { input: 0.25, output: 2 }],
  ['gpt-5-nano', { input: 0.05, output: 0.4 }],
  ['gpt-4.1', { input: 2, output: 8 }],
  ['gpt-4.1-mini', { input: 0.4, output: 1.6 }],
  ['gpt-4.1-nano', { input: 0.1, output: 0.4 }],
  ['gpt-4o', { input: 2.5, output: 10 }],
  ['gpt-4o-mini', { input: 0.15, output: 0.6 }],
  ['o3', { input: 2, output: 8 }],
  ['o4-mini', { input: 1.1, output: 4.4 }],
  [OFFLINE_MODEL, { input: 0, output: 0 }],
])

/** `gpt-5-mini-2025-08-07` is `gpt-5-mini` as it was that day. */
const DATED = /-\d{4}-\d{2}-\d{2}$/

/** The name of a model without its date. */
export const undated = (model: string): string => model.replace(DATED, '')

/** The price of a model, or of what it is a dated version of. @param overrides what counts more than the list */
export function priceOf(model: string, overrides: Prices = {}): Price | undefined {
  for (const name of [model, undated(model)]) {
    const price = Object.hasOwn(overrides, name) ? overrides[name] : LIST_PRICES.get(name)
    if (price !== undefined) return price
  }
  return undefined
}

/** Pico-dollars for each token: the finest price that is told apart. */
const perToken = (usdPerMillion: number) => Math.round(usdPerMillion * 1e6)

/** Nano-dollars, rounded up: what is reserved is never less than what it bounds. */
export function costOf({ input, output }: Price, { inputTokens, outputTokens }: Usage): number {
  return Math.ceil((inputTokens * perToken(input) + outputTokens * perToken(output)) / 1_000)
}

/** The most output tokens that so many nano-dollars pay for, beside the input. */
export function affordableOutput(price: Price, inputTokens: number, money: number): number {
  const rest = money * 1_000 - inputTokens * perToken(price.input)
  if (rest < 0) return -1
  const each = perToken(price.output)
  return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(rest / each)
}
