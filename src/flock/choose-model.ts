/**
 * The one place that chooses a model: an endpoint that speaks OpenAI's protocol where there is a key for it or it is
 * one's own, else the roles' own offline policies. The vendor's client is loaded only where it is used.
 */
import type { Env } from '../embedded/command.ts'
import type { Log } from '../log.ts'
import type { Model, ModelError } from '../model/model.ts'
import { OFFLINE_MODEL, offlineModel } from '../model/offline.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { type CallRates, createRateLimits, freeRates } from '../rate/rate-limits.ts'
import type { Role } from '../role/define.ts'
import type { Clock } from '../time/clock.ts'
import { chosenRates, type GivenRates } from './choose-rates.ts'
import { FlockError } from './errors.ts'

/** For OpenAI itself; another endpoint's models nobody can guess. */
const DEFAULT_MODEL = 'gpt-5-mini'
/** For an endpoint of one's own that asks for no key: the client wants some text. */
const NO_KEY = 'none'

export type ModelOptions = {
  /** `offline`, or a model of the endpoint: `OPENAI_MODEL` of the environment, unless given. Or one's own. */
  readonly model?: string | Model | undefined
  /** `OPENAI_API_KEY` and `OPENAI_BASE_URL` count. */
  readonly env: Env
  readonly clock: Clock
  /** Told what an endpoint does not take, and when it is asked again. */
  readonly log?: Log | undefined
  /** Models of the endpoint to fall back on: `SKEIN_FALLBACK_MODELS` of the environment, unless given. */
  readonly fallbacks?: readonly string[] | undefined
  /** `SKEIN_REQUESTS_PER_MINUTE` and `SKEIN_TOKENS_PER_MINUTE` of the environment, unless given. */
  readonly rates?: GivenRates | undefined
}

export type RatePorts = Pick<ProcessPorts, 'bus' | 'clock' | 'random' | 'log'>

export type ChosenModel = {
  readonly name: string
  /** Absent offline, and for a model of one's own. */
  readonly endpoint?: { readonly apiKey: string; readonly baseUrl?: string }
  readonly modelFor: (role: Role) => Model
  /** For roles that name no others. */
  readonly fallbacks: readonly string[]
  /** How its calls keep the endpoint's rates, together with all on that bus that share the key. */
  ratesOn(ports: RatePorts): CallRates
  /** Asks the endpoint whether it is there and takes the key. @throws ModelError */
  check(): Promise<void>
}

/** @throws FlockError `flock.no-key`, `flock.no-model`, `flock.rate`; ModelError `model.bad-url` */
export async function chooseModel({
  model,
  env,
  clock,
  log,
  rates,
  ...options
}: ModelOptions): Promise<ChosenModel> {
  if (typeof model === 'object') return own(model, options.fallbacks)
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl } = env
  const name = model || env.OPENAI_MODEL || (key || baseUrl ? undefined : OFFLINE_MODEL)
  if (name === OFFLINE_MODEL || (!key && !baseUrl && !model)) return offline()
  if (!key && !baseUrl) {
    throw new FlockError(
      'no-key',
      `model "${name}" needs OPENAI_API_KEY: set it, or take --model ${OFFLINE_MODEL}`,
    )
  }
  if (name === undefined && baseUrl) {
    throw new FlockError(
      'no-model',
      `which model of ${baseUrl}? Name one with --model or OPENAI_MODEL, or take --model ${OFFLINE_MODEL}`,
    )
  }
  const endpoint = { apiKey: key || NO_KEY, ...(baseUrl && { baseUrl }) }
  const limits = chosenRates(rates, env)
  const { openaiModel } = await import('../model/openai/model.ts')
  const { OPENAI_BASE_URL } = await import('../model/openai/client.ts')
  const chosen = openaiModel({
    ...endpoint,
    model: name ?? DEFAULT_MODEL,
    clock,
    leavesRateLimits: true,
    ...(log && { log }),
  })
  return {
    name: chosen.name,
    endpoint,
    modelFor: () => chosen,
    fallbacks: options.fallbacks ?? namesIn(env.SKEIN_FALLBACK_MODELS),
    ratesOn: ({ bus, ...ports }) =>
      createRateLimits({
        ...{ ...ports, records: bus.records, limits },
        endpoint: { baseUrl: OPENAI_BASE_URL, ...endpoint },
      }),
    async check() {
      const { probeOpenai } = await import('../model/openai/probe.ts')
      const probe = await probeOpenai({ ...endpoint, clock })
      if (!probe.ok && isHopeless(probe.problem)) throw probe.problem
    },
  }
}

/** It knows its endpoint, and the rates of it. */
const own = (model: Model, fallbacks: readonly string[] = []): ChosenModel => ({
  name: model.name,
  modelFor: () => model,
  fallbacks,
  ratesOn: () => freeRates,
  check: async () => {},
})

const namesIn = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

function offline(): ChosenModel {
  return {
    name: OFFLINE_MODEL,
    modelFor: (role) => offlineModel({ [role.name]: role.policy }),
    fallbacks: [],
    ratesOn: () => freeRates,
    check: async () => {},
  }
}

/** Endpoints that cannot list their models may still chat. */
const isHopeless = ({ code }: ModelError): boolean =>
  ['model.unauthorized', 'model.unreachable', 'model.timeout', 'model.bad-url'].includes(code)
