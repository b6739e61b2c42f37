/**
 * The one place that chooses a model: an endpoint that speaks OpenAI's protocol where there is a key for it or it is
 * one's own, else the roles' own offline policies. The vendor's client is loaded only where it is used.
 */
import type { Env } from '../embedded/command.ts'
import type { Log } from '../log.ts'
import type { Model, ModelError } from '../model/model.ts'
import { offlineModel } from '../model/offline.ts'
import type { Role } from '../role/define.ts'
import type { Clock } from '../time/clock.ts'
import { FlockError } from './errors.ts'

export const OFFLINE = 'offline'
/** For OpenAI itself; another endpoint's models nobody can guess. */
const DEFAULT_MODEL = 'gpt-5-mini'
/** For an endpoint of one's own that asks for no key: the client wants some text. */
const NO_KEY = 'none'

export type ModelOptions = {
  /** `offline`, or a model of the endpoint: `OPENAI_MODEL` of the environment, unless given. */
  readonly model?: string | undefined
  /** `OPENAI_API_KEY` and `OPENAI_BASE_URL` count. */
  readonly env: Env
  readonly clock: Clock
  /** Told what an endpoint does not take, and when it is asked again. */
  readonly log?: Log | undefined
}

export type ChosenModel = {
  readonly name: string
  /** Absent offline. */
  readonly endpoint?: { readonly apiKey: string; readonly baseUrl?: string }
  readonly modelFor: (role: Role) => Model
  /** Asks the endpoint whether it is there and takes the key. @throws ModelError */
  check(): Promise<void>
}

/** @throws FlockError `flock.no-key`, `flock.no-model`; ModelError `model.bad-url` */
export async function chooseModel({ model, env, clock, log }: ModelOptions): Promise<ChosenModel> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl } = env
  const name = model || env.OPENAI_MODEL || (key || baseUrl ? undefined : OFFLINE)
  if (name === OFFLINE || (!key && !baseUrl && !model)) return offline()
  if (!key && !baseUrl) {
    throw new FlockError('no-key', `model "${name}" needs OPENAI_API_KEY: set it, or take --model offline`)
  }
  if (name === undefined && baseUrl) {
    throw new FlockError(
      'no-model',
      `which model of ${baseUrl}? Name one with --model or OPENAI_MODEL, or take --model offline`,
    )
  }
  const endpoint = { apiKey: key || NO_KEY, ...(baseUrl && { baseUrl }) }
  const { openaiModel } = await import('../model/openai/model.ts')
  const chosen = openaiModel({ ...endpoint, model: name ?? DEFAULT_MODEL, clock, ...(log && { log }) })
  return {
    name: chosen.name,
    endpoint,
    modelFor: () => chosen,
    async check() {
      const { probeOpenai } = await import('../model/openai/probe.ts')
      const probe = await probeOpenai({ ...endpoint, clock })
      if (!probe.ok && isHopeless(probe.problem)) throw probe.problem
    },
  }
}

function offline(): ChosenModel {
  return {
    name: OFFLINE,
    modelFor: (role) => offlineModel({ [role.name]: role.policy }),
    check: async () => {},
  }
}

/** Endpoints that cannot list their models may still chat. */
const isHopeless = ({ code }: ModelError): boolean =>
  ['model.unauthorized', 'model.unreachable', 'model.timeout', 'model.bad-url'].includes(code)
