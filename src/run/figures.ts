/**
 * The figures of a run, read off its journal: who spent what, how large the prompts were, and how much of it all was
 * talk between agents. Money is in whole nano-dollars, by the prices that it is asked with.
 */
import { z } from 'zod'
import { costOf, type Prices, priceOf } from '../model/prices.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { plusSpending, type Spending, spentByCommit, summarise } from './summary.ts'

const count = z.number().int().min(0)
const tokens = z.number().min(0)
/** Null where the price of a model is unknown. */
const money = count.nullable()
const ratio = z.number().min(0).nullable()

const spendingSchema = z.object({
  calls: count,
  inputTokens: tokens,
  outputTokens: tokens,
  tools: count,
  moneyNanoUsd: money,
})

export const figuresSchema = z.object({
  moneyNanoUsd: money,
  /** Models whose price is unknown. */
  unpriced: z.array(z.string()),
  /** Calls of which nobody knows what they used: they broke off, or their endpoint tells none. They count as nothing. */
  untold: count,
  byPeer: z.record(z.string(), spendingSchema),
  byRole: z.record(z.string(), spendingSchema),
  byModel: z.record(z.string(), spendingSchema.omit({ tools: true })),
  /** By role: in tokens, where they were told. */
  prompts: z.record(
    z.string(),
    z.object({ calls: count, unit: z.enum(['tokens', 'bytes']), median: tokens, max: tokens }),
  ),
  /** Talk, against work. */
  coordination: z.object({
    /** Between conversations: for each call to a model, and for each call of a tool. Null where there was none. */
    messages: count,
    perCall: ratio,
    perTool: ratio,
    promptBytes: count,
    /** Of these, what other agents had written. */
    peerBytes: count,
    peerShare: ratio,
    /** The same share of each prompt's tokens. */
    peerTokens: tokens,
  }),
})
export type Figures = Readonly<z.infer<typeof figuresSchema>>

type Call = NonNullable<ConversationRecord['took']['call']>
type Cost = { readonly money: number | null; readonly untold: boolean }

/**
 * @param journal every commit of the run, oldest first
 * @param prices what counts more than the list of prices
 */
export function figuresOf(journal: readonly ConversationRecord[], prices: Prices = {}): Figures {
  const spent = spentByCommit(journal)
  const parts = journal.map(({ by, role, took: { call } }, index) => ({
    ...{ peer: by.peer, role, spent: spent[index]!, call },
    cost: call === undefined ? FREE : costOfCall(call, prices),
  }))
  const made = parts.flatMap(({ call, ...part }) => (call === undefined ? [] : [{ ...part, call }]))
  const tools = parts.reduce((sum, part) => sum + part.spent.tools, 0)
  return {
    moneyNanoUsd: moneyOf(parts),
    unpriced: [
      ...new Set(made.filter(({ cost }) => cost.money === null).map(({ call }) => call.model)),
    ].sort(),
    untold: made.filter(({ cost }) => cost.untold).length,
    byPeer: grouped(parts, ({ peer }) => peer, spendingOf),
    byRole: grouped(parts, ({ role }) => role, spendingOf),
    byModel: grouped(
      made,
      ({ call }) => call.model,
      (some) => ({ ...tokensOf(some.map(({ call }) => call)), moneyNanoUsd: moneyOf(some) }),
    ),
    prompts: grouped(
      made,
      ({ role }) => role,
      (some) => promptsOf(some.map(({ call }) => call)),
    ),
    coordination: coordinationOf(
      summarise(journal).messages,
      tools,
      made.map(({ call }) => call),
    ),
  }
}

const FREE: Cost = { money: 0, untold: false }

function costOfCall({ model, inputTokens, outputTokens }: Call, prices: Prices): Cost {
  const price = priceOf(model, prices)
  const isTold = inputTokens !== null && outputTokens !== null
  if (price === undefined)
    return { money: inputTokens === 0 && outputTokens === 0 ? 0 : null, untold: !isTold }
  if (isTold) return { money: costOf(price, { inputTokens, outputTokens }), untold: false }
  return { money: 0, untold: price.input > 0 || price.output > 0 }
}

const moneyOf = (some: readonly { readonly cost: Cost }[]): number | null =>
  some.reduce<number | null>(
    (sum, { cost }) => (sum === null || cost.money === null ? null : sum + cost.money),
    0,
  )

const spendingOf = (some: readonly { readonly spent: Spending; readonly cost: Cost }[]) => ({
  ...some.map(({ spent }) => spent).reduce(plusSpending),
  moneyNanoUsd: moneyOf(some),
})

const tokensOf = (calls: readonly Call[]) => ({
  calls: calls.length,
  inputTokens: calls.reduce((sum, call) => sum + (call.inputTokens ?? 0), 0),
  outputTokens: calls.reduce((sum, call) => sum + (call.outputTokens ?? 0), 0),
})

function promptsOf(calls: readonly Call[]): Figures['prompts'][string] {
  const told = calls.flatMap(({ inputTokens }) => (inputTokens ? [inputTokens] : []))
  const sizes = (told.length > 0 ? told : calls.map(({ promptBytes }) => promptBytes)).sort((a, b) => a - b)
  return {
    calls: calls.length,
    unit: told.length > 0 ? 'tokens' : 'bytes',
    // Of an even number the smaller of the two in the middle: one that there was.
    median: sizes[Math.floor((sizes.length - 1) / 2)]!,
    max: sizes.at(-1)!,
  }
}

function coordinationOf(messages: number, tools: number, calls: readonly Call[]): Figures['coordination'] {
  const sum = (of: (call: Call) => number) => calls.reduce((total, call) => total + of(call), 0)
  const [promptBytes, peerBytes] = [sum((call) => call.promptBytes), sum((call) => call.peerBytes)]
  const per = (whole: number, part: number) => (whole === 0 ? null : part / whole)
  return {
    messages,
    perCall: per(calls.length, messages),
    perTool: per(tools, messages),
    promptBytes,
    peerBytes,
    peerShare: per(promptBytes, peerBytes),
    peerTokens: Math.round(
      sum((call) => ((call.inputTokens ?? 0) * call.peerBytes) / (call.promptBytes || 1)),
    ),
  }
}

function grouped<Part, Group>(
  parts: readonly Part[],
  keyOf: (part: Part) => string,
  groupOf: (some: readonly Part[]) => Group,
): Record<string, Group> {
  const groups = new Map<string, Part[]>()
  for (const part of parts) {
    const group = groups.get(keyOf(part))
    if (group === undefined) groups.set(keyOf(part), [part])
    else group.push(part)
  }
  return Object.fromEntries([...groups].map(([key, some]) => [key, groupOf(some)]))
}
