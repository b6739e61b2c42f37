/**
 * What a model's endpoint takes a minute, and which models to fall back on, as people write it. The command line counts
 * most, then the environment, then the config.
 */
import type { Argv } from 'yargs'
import type { GivenRates } from '../../src/flock/choose-rates.ts'
import type { Config } from './config.ts'
import { CliError } from './error.ts'

export const rateOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('requests-per-minute', {
      type: 'number',
      requiresArg: true,
      describe:
        'calls a minute that the endpoint takes, for all who share its key  [SKEIN_REQUESTS_PER_MINUTE]',
    })
    .option('tokens-per-minute', {
      type: 'number',
      requiresArg: true,
      describe: 'tokens a minute that it takes, in and out  [SKEIN_TOKENS_PER_MINUTE]',
    })
    .option('fallback-models', {
      type: 'string',
      requiresArg: true,
      describe: 'models to ask, in turn, where the first cannot be had: one,two  [SKEIN_FALLBACK_MODELS]',
    })

export type RateWish = {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  readonly fallbackModels?: string | undefined
}

/**
 * Says to the environment what the command line says, since processes that a run starts inherit it, and answers what
 * only the config says.
 * @throws CliError `cli.rate`
 */
export function wishedRates(
  given: RateWish,
  config: Config,
  env: NodeJS.ProcessEnv,
): { rates: GivenRates; fallbacks: readonly string[] | undefined } {
  say('SKEIN_REQUESTS_PER_MINUTE', whole('--requests-per-minute', given.requestsPerMinute))
  say('SKEIN_TOKENS_PER_MINUTE', whole('--tokens-per-minute', given.tokensPerMinute))
  say('SKEIN_FALLBACK_MODELS', given.fallbackModels)
  const unlessSaid = <Value>(name: string, value: Value) => (env[name] ? undefined : value)
  return {
    rates: {
      requestsPerMinute: unlessSaid('SKEIN_REQUESTS_PER_MINUTE', config.rates?.requestsPerMinute),
      tokensPerMinute: unlessSaid('SKEIN_TOKENS_PER_MINUTE', config.rates?.tokensPerMinute),
    },
    fallbacks: unlessSaid('SKEIN_FALLBACK_MODELS', config.fallbacks),
  }

  function say(name: string, value: string | undefined): void {
    if (value !== undefined) env[name] = value
  }
}

function whole(name: string, value: number | undefined): string | undefined {
  if (value === undefined) return undefined
  if (Number.isSafeInteger(value) && value >= 0) return `${value}`
  throw new CliError('rate', `${name} must be a whole number a minute, or 0 for no limit`)
}
