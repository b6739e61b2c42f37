/**
 * The model port over chat completions, which is what compatible endpoints share. A call that was turned away is made
 * again, as late as it was told; one that was refused for what it sent, without that (`dialect.ts`). A reply that has
 * begun is never asked for again.
 */
import { APIError, type OpenAI } from 'openai'
import { type Log, silentLog } from '../../log.ts'
import { type Clock, sleep } from '../../time/clock.ts'
import { type Random, systemRandom } from '../../time/random.ts'
import { systemClock } from '../../time/system-clock.ts'
import type { ChatRequest, Model, StreamOptions } from '../model.ts'
import { answerFormat } from './answers.ts'
import { isFinished } from './bodies.ts'
import { parseChunk } from './chunk.ts'
import { type EndpointOptions, openaiClient } from './client.ts'
import { type AnswersIn, adapted, type Dialect, firstDialect } from './dialect.ts'
import { modelFailure, restated, toldBy } from './failure.ts'
import { createPatience, type Patience } from './patience.ts'
import { createReply } from './reply.ts'
import { renderRequest } from './request.ts'
import { delayBefore, isLoading } from './retries.ts'
import { toldLimits } from './told-limits.ts'

/** Milliseconds. Node's fetch gives up by itself after 300 s without a byte. */
const SILENCE_MS = 240_000
/** The same, once only the usage may be missing: some servers say no more and keep the connection. */
const LAST_SILENCE_MS = 5_000
/** The vendor's client's own default. */
const MAX_RETRIES = 2

export type OpenaiOptions = EndpointOptions & {
  readonly model: string
  /** Longest time to wait for the reply to begin, retries included, and for each next part of it; milliseconds. */
  readonly timeoutMs?: number
  /** How often a call that was turned away (408, 409, 429, 5xx, no connection) is tried again. */
  readonly maxRetries?: number
  /** A call that was turned away for its rate (429) is not tried again here: its caller keeps the rate. */
  readonly leavesRateLimits?: boolean
  /** Where the schema of answers is told. Unless given, the endpoint's address and its refusals decide. */
  readonly answersIn?: AnswersIn
  readonly clock?: Clock
  readonly random?: Random
  /** Told when a call is made again, and what is left out of it. */
  readonly log?: Log
}

/**
 * @throws ModelError `model.bad-url`, `model.unauthorized` when the key is empty
 * @example
 * const model = openaiModel({ baseUrl: 'http://127.0.0.1:11434/v1', apiKey: 'none', model: 'qwen3' })
 * const reply = await collectReply(model.stream(request, { signal }))
 */
export function openaiModel(options: OpenaiOptions): Model {
  const client = openaiClient(options)
  const { clock = systemClock(), random = systemRandom(), log = silentLog } = options
  const { maxRetries = MAX_RETRIES, leavesRateLimits = false, timeoutMs = SILENCE_MS } = options
  const baseUrl = client.baseURL
  const first = firstDialect(baseUrl, options.answersIn)
  /** By model, what was learned of it. */
  const dialects = new Map<string, Dialect>()

  /** Learns from a refusal. False where it teaches nothing. */
  function learned(error: unknown, model: string, used: Dialect, sent: OpenAI.ChatCompletionCreateParams) {
    if (!(error instanceof APIError) || ![400, 422, 500, 501].includes(error.status ?? 0)) return false
    // Another call has learned meanwhile: first with that.
    if ((dialects.get(model) ?? first) !== used) return true
    const step = adapted(used, toldBy(error), { ...sent })
    if (step === undefined) return false
    dialects.set(model, step.dialect)
    log.warn(`${model} was refused a request: skein ${step.change} from now on`, {
      ...{ model, endpoint: baseUrl, refusal: toldBy(error).message.slice(0, 200) },
    })
    return true
  }

  /** The events of the reply, once it has begun. */
  async function begin(
    request: ChatRequest,
    model: string,
    patience: Patience,
    { traceparent, onRateTold }: StreamOptions,
  ): Promise<{ readonly events: AsyncIterable<unknown>; readonly response: Response }> {
    const format = answerFormat(request.answers)
    const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent }
    for (let failed = 0; ; ) {
      const dialect = dialects.get(model) ?? first
      const body = renderRequest(request, format, model, dialect)
      try {
        const call = client.chat.completions.create(body, { signal: patience.signal, headers })
        const { data, response } = await call.withResponse()
        const told = toldLimits(response.headers)
        if (told !== undefined) onRateTold?.(told)
        return { events: data, response }
      } catch (error) {
        patience.signal.throwIfAborted()
        const failure = modelFailure(error, { baseUrl, model })
        if (failure.code !== 'model.context-length' && learned(error, model, dialect, body)) continue
        // OpenAI says so where it knows that another attempt ends as this one did.
        if (error instanceof APIError && error.headers?.get('x-should-retry') === 'false')
          throw restated(failure, { retryable: false })
        failed += isLoading(failure) ? 0 : 1
        const delayMs = delayBefore(failure, failed, { maxRetries, leavesRateLimits, random })
        if (delayMs === undefined) throw failure
        log.info(`asking ${model} again in ${delayMs} ms`, { model, endpoint: baseUrl, why: failure.code })
        await sleep(clock, delayMs, patience.signal)
        patience.signal.throwIfAborted()
      }
    }
  }

  return {
    provider: 'openai',
    name: options.model,

    async *stream(request, streaming) {
      const { signal } = streaming
      signal.throwIfAborted()
      const model = request.model ?? options.model
      const reply = createReply(request, model, answerFormat(request.answers))
      const silenceMs = () => (reply.whole() ? Math.min(LAST_SILENCE_MS, timeoutMs) : timeoutMs)
      const patience = createPatience(clock, silenceMs, signal)
      try {
        const { events, response } = await patience.wait(begin(request, model, patience, streaming))
        for await (const event of patience.read(events)) {
          const text = reply.take(parseChunk(event))
          if (text !== '') yield { kind: 'text', text }
          signal.throwIfAborted()
        }
        const rest = isFinished(response) ? reply.end() : ''
        if (rest !== '') yield { kind: 'text', text: rest }
      } catch (error) {
        signal.throwIfAborted()
        // A reply that is whole was paid for: it is kept when only its usage, which comes last, was lost.
        if (!reply.whole()) {
          const cause = patience.signal.aborted ? patience.signal.reason : error
          const failure = modelFailure(cause, { baseUrl, model })
          throw reply.begun() ? restated(failure, { begun: true }) : failure
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
