/**
 * The model port over chat completions, which is what compatible endpoints share. A call that was turned away is
 * tried again by the client, as often and as late as it was told; a reply that has begun is never asked for again.
 */
import type { Clock } from '../../time/clock.ts'
import { systemClock } from '../../time/system-clock.ts'
import type { Model } from '../model.ts'
import { answerFormat } from './answers.ts'
import { parseChunk } from './chunk.ts'
import { type EndpointOptions, openaiClient } from './client.ts'
import { modelFailure } from './failure.ts'
import { createPatience } from './patience.ts'
import { createReply } from './reply.ts'
import { type AnswersIn, renderRequest } from './request.ts'
import { toldLimits } from './told-limits.ts'

/** Milliseconds. Node's fetch gives up by itself after 300 s without a byte. */
export const SILENCE_MS = 240_000
/** The client's own default. */
export const MAX_RETRIES = 2

export type OpenaiOptions = EndpointOptions & {
  readonly model: string
  /** Longest time to wait for the reply to begin, retries included, and for each next part of it; milliseconds. */
  readonly timeoutMs?: number
  /** How often a call that was turned away (408, 409, 429, 5xx, no connection) is tried again. */
  readonly maxRetries?: number
  /** A call that was turned away for its rate (429) is not tried again here: its caller keeps the rate. */
  readonly leavesRateLimits?: boolean
  readonly answersIn?: AnswersIn
  readonly clock?: Clock
}

/**
 * @throws ModelError `model.bad-url`, `model.unauthorized` when the key is empty
 * @example
 * const model = openaiModel({ baseUrl: 'http://127.0.0.1:11434/v1', apiKey: 'none', model: 'qwen3' })
 * const reply = await collectReply(model.stream(request, { signal }))
 */
export function openaiModel(options: OpenaiOptions): Model {
  const client = openaiClient(options, { ...options, maxRetries: options.maxRetries ?? MAX_RETRIES })
  const clock = options.clock ?? systemClock()

  return {
    provider: 'openai',
    name: options.model,

    async *stream(request, { signal, traceparent, onRateTold }) {
      signal.throwIfAborted()
      const model = request.model ?? options.model
      const endpoint = { baseUrl: client.baseURL, model }
      const format = answerFormat(request.answers)
      const body = renderRequest(request, format, endpoint, options.answersIn)
      const reply = createReply(request, model, format)
      const patience = createPatience(clock, options.timeoutMs ?? SILENCE_MS, signal)
      try {
        const headers = traceparent === undefined ? {} : { traceparent }
        const call = client.chat.completions.create(body, { signal: patience.signal, headers })
        const { data, response } = await patience.wait(call.withResponse())
        const told = toldLimits(response.headers)
        if (told !== undefined) onRateTold?.(told)
        for await (const event of patience.read(data)) {
          const text = reply.take(parseChunk(event))
          if (text !== '') yield { kind: 'text', text }
          signal.throwIfAborted()
        }
      } catch (error) {
        signal.throwIfAborted()
        // A reply that is whole was paid for: it is kept when only its usage, which comes last, was lost.
        if (!reply.whole()) {
          throw modelFailure(patience.signal.aborted ? patience.signal.reason : error, endpoint)
        }
      } finally {
        patience.end()
      }
      for (const chunk of reply.close()) {
        signal.throwIfAborted()
        yield chunk
      }
    },
  }
}
