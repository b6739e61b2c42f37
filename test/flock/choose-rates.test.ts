import { describe, expect, it } from 'vitest'
import { wishedRates } from '../../cli/input/rates.ts'
import { chooseModel } from '../../src/flock/choose-model.ts'
import { chosenRates } from '../../src/flock/choose-rates.ts'
import { systemClock } from '../../src/time/system-clock.ts'

describe('the rates of an endpoint', () => {
  it('are what is given, else what the environment says, else nothing is said of them', () => {
    const env = { SKEIN_REQUESTS_PER_MINUTE: '60', SKEIN_TOKENS_PER_MINUTE: '90000' }
    expect(chosenRates(undefined, env)).toEqual({ requests: 60, tokens: 90_000 })
    expect(chosenRates({ requestsPerMinute: 5 }, env)).toEqual({ requests: 5, tokens: 90_000 })
    expect(chosenRates({}, {})).toEqual({})
  })

  it('of 0 take away what was configured before', () => {
    expect(chosenRates({ requestsPerMinute: 0 }, { SKEIN_TOKENS_PER_MINUTE: '0' })).toEqual({
      ...{ requests: null, tokens: null },
    })
  })

  it('are refused where they are no numbers', () => {
    expect(() => chosenRates({}, { SKEIN_TOKENS_PER_MINUTE: '90k' })).toThrow(
      /SKEIN_TOKENS_PER_MINUTE is "90k"/,
    )
    expect(() => wishedRates({ requestsPerMinute: 0.5 }, {}, {})).toThrow(/--requests-per-minute must be/)
  })

  it('of the command line count more than the environment, that more than the config, also for processes to come', () => {
    const env: NodeJS.ProcessEnv = { SKEIN_TOKENS_PER_MINUTE: '7' }
    const config = { rates: { requestsPerMinute: 1, tokensPerMinute: 1 }, fallbacks: ['small'] }
    const { rates, fallbacks } = wishedRates({ requestsPerMinute: 60 }, config, env)
    expect(env).toEqual({ SKEIN_REQUESTS_PER_MINUTE: '60', SKEIN_TOKENS_PER_MINUTE: '7' })
    expect(chosenRates(rates, env)).toEqual({ requests: 60, tokens: 7 })
    expect(fallbacks).toEqual(['small'])
    expect(wishedRates({}, config, {}).rates).toEqual(config.rates)
    expect(wishedRates({ fallbackModels: 'other' }, config, {}).fallbacks).toBeUndefined()
  })
})

it('a model’s fallbacks are what is given, else what the environment names', async () => {
  const env = { OPENAI_API_KEY: 'k', SKEIN_FALLBACK_MODELS: 'one, two,' }
  const chosen = (fallbacks?: string[]) => chooseModel({ env, fallbacks, clock: systemClock() })
  expect((await chosen()).fallbacks).toEqual(['one', 'two'])
  expect((await chosen(['three'])).fallbacks).toEqual(['three'])
})
