/** Whether the model's endpoint is there, takes the key, and has the model. */
import { chooseModel, type ModelOptions } from '../choose-model.ts'
import type { Check } from './finding.ts'

const about = 'model'
/** Names worth showing of an endpoint's many. */
const SHOWN = 8

export const modelCheck =
  (options: ModelOptions): Check =>
  async () => {
    const chosen = await chooseModel(options)
    if (chosen.endpoint === undefined) {
      return {
        about,
        state: 'absent',
        text: 'offline: the policies that skein brings, no language model',
        advice: 'for a language model set OPENAI_API_KEY, and OPENAI_BASE_URL for an endpoint of your own',
      }
    }
    const { probeOpenai } = await import('../../model/openai/probe.ts')
    const probe = await probeOpenai({ ...chosen.endpoint, clock: options.clock })
    if (!probe.ok) return { about, state: 'broken', text: probe.problem.message }
    const { baseUrl, models } = probe
    if (models.length === 0 || models.includes(chosen.name)) {
      return { about, state: 'works', text: `${chosen.name} at ${baseUrl}` }
    }
    return {
      about,
      state: 'broken',
      text: `${baseUrl} answers, but does not list "${chosen.name}"`,
      advice: `choose another with --model or OPENAI_MODEL: ${models.slice(0, SHOWN).join(', ')}${models.length > SHOWN ? ', …' : ''}`,
    }
  }
