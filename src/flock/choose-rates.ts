/** The limits of an endpoint that somebody knows and it does not tell: what is given, else what the environment says. */
import type { Env } from '../embedded/command.ts'
import type { RateLimits } from '../rate/rate-record.ts'
import { FlockError } from './errors.ts'

/** A minute; 0 takes away what was configured before. */
export type GivenRates = {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
}

/** What is not given stays as it is. @throws FlockError `flock.rate` */
export function chosenRates(given: GivenRates | undefined, env: Env): Partial<RateLimits> {
  const requests = given?.requestsPerMinute ?? countIn(env, 'SKEIN_REQUESTS_PER_MINUTE')
  const tokens = given?.tokensPerMinute ?? countIn(env, 'SKEIN_TOKENS_PER_MINUTE')
  return {
    ...(requests !== undefined && { requests: requests === 0 ? null : requests }),
    ...(tokens !== undefined && { tokens: tokens === 0 ? null : tokens }),
  }
}

function countIn(env: Env, name: string): number | undefined {
  const text = env[name]
  if (!text) return undefined
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new FlockError('rate', `${name} is "${text}": write a whole number a minute, or 0 for no limit`)
}
