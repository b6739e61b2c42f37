/** What a run may spend, as people write it: tokens, dollars, messages, hops. */
import type { Argv } from 'yargs'
import { type Limits, NO_LIMITS } from '../../src/run/quota.ts'
import type { Config } from './config.ts'
import { CliError } from './error.ts'

export const limitOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('max-tokens', {
      type: 'number',
      requiresArg: true,
      describe: 'tokens, in and out, that the whole run may use',
    })
    .option('max-cost', {
      type: 'number',
      requiresArg: true,
      describe: 'US dollars that the whole run may cost, by the prices of its models',
    })
    .option('max-messages', {
      type: 'number',
      requiresArg: true,
      describe: 'messages that its agents may send each other',
    })
    .option('hops', {
      type: 'number',
      requiresArg: true,
      describe: 'how long a chain of messages may be, each caused by the one before  [default: 64]',
    })

type Given = {
  readonly maxTokens?: number | undefined
  readonly maxCost?: number | undefined
  readonly maxMessages?: number | undefined
  readonly hops?: number | undefined
}

const NANO = 1e9

/** @throws CliError `cli.limit` */
export function parseLimits(given: Given, config: Config): { limits?: Limits; hops?: number } {
  const { limits: kept = {} } = config
  const tokens = whole('--max-tokens', given.maxTokens ?? kept.tokens, 1)
  const messages = whole('--max-messages', given.maxMessages ?? kept.messages, 1)
  const hops = whole('--hops', given.hops ?? kept.hops, 1)
  const cost = given.maxCost ?? kept.cost
  if (cost !== undefined && !(cost > 0 && Number.isFinite(cost)))
    throw new CliError('limit', `--max-cost must be an amount of dollars above 0, as 0.50`)
  const money = cost === undefined ? null : Math.round(cost * NANO)
  const limits: Limits = { ...NO_LIMITS, tokens: tokens ?? null, messages: messages ?? null, money }
  const isLimited = Object.values(limits).some((limit) => limit !== null)
  return { ...(isLimited && { limits }), ...(hops !== undefined && { hops }) }
}

function whole(name: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value
  throw new CliError('limit', `${name} must be a whole number, ${least} or more`)
}
