/** Asks an endpoint for its models, at no cost: whether it can be reached, and whether it takes the key. */
import { z } from 'zod'
import type { Clock } from '../../time/clock.ts'
import { systemClock } from '../../time/system-clock.ts'
import { ModelError } from '../model.ts'
import { type EndpointOptions, OPENAI_BASE_URL, openaiClient } from './client.ts'
import { modelFailure } from './failure.ts'
import { createPatience } from './patience.ts'

/** Milliseconds a probe waits unless told: somebody looks at it. */
const PROBE_TIMEOUT_MS = 5_000

export type OpenaiProbe =
  | { readonly ok: true; readonly baseUrl: string; readonly models: readonly string[] }
  /** The error's text says what to set or start. */
  | { readonly ok: false; readonly baseUrl: string; readonly problem: ModelError }

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) })

/** Lists the models, or says what is wrong; never rejects. */
export async function probeOpenai(
  options: EndpointOptions & { readonly timeoutMs?: number; readonly clock?: Clock },
): Promise<OpenaiProbe> {
  const baseUrl = options.baseUrl ?? OPENAI_BASE_URL
  const clock = options.clock ?? systemClock()
  const patience = createPatience(clock, () => options.timeoutMs ?? PROBE_TIMEOUT_MS)
  try {
    const client = openaiClient(options)
    const listed = modelsSchema.safeParse(
      await patience.wait(client.models.list({ signal: patience.signal })),
    )
    if (listed.success) return { ok: true, baseUrl, models: listed.data.data.map((model) => model.id) }
    const message = `${baseUrl} does not answer with a list of models: does OPENAI_BASE_URL lack its "/v1"?`
    throw new ModelError('malformed', message, { retryable: false, cause: listed.error })
  } catch (error) {
    const problem = modelFailure(error, { baseUrl })
    return { ok: false, baseUrl, problem }
  } finally {
    patience.end()
  }
}
