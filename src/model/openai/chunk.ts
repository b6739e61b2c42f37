/**
 * One event of a streamed completion, or a whole completion, as far as it is used. Endpoints that call themselves
 * compatible leave out or null much of it, so next to nothing is required.
 */
import { z } from 'zod'
import { ModelError, type Usage } from '../model.ts'
import { quote } from './quote.ts'

const callFragmentSchema = z.object({
  // Ollama before 0.4.7 sends none (ollama/ollama#7881).
  index: z.int().nonnegative().nullish().catch(undefined),
  // A number from some proxies.
  id: z.union([z.string(), z.number().transform(String)]).nullish(),
  function: z
    .object({
      name: z.string().nullish(),
      // An object from builds of llama.cpp (ggml-org/llama.cpp#20198) and from proxies of Ollama (BerriAI/litellm#37792).
      arguments: z
        .union([z.string(), z.record(z.string(), z.unknown()).transform((input) => JSON.stringify(input))])
        .nullish(),
    })
    .nullish(),
})
export type CallFragment = z.infer<typeof callFragmentSchema>

/** Text, or parts of which only some are: Mistral's reasoning models send `[{ type: 'thinking', … }, { type: 'text', … }]`. */
const contentSchema = z
  .union([z.string(), z.array(z.object({ type: z.string().nullish(), text: z.string().nullish() }))])
  .transform((content) =>
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'thinking' ? '' : (part.text ?? ''))).join(''),
  )

// What the model thinks is in `reasoning_content` (DeepSeek, vLLM, llama.cpp, LM Studio) or in `reasoning` (Ollama,
// newer vLLM, OpenRouter). It is not read: its tokens are in the usage, and it is no part of the answer.
const deltaSchema = z.object({
  content: contentSchema.nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(callFragmentSchema).nullish(),
  /** As calls were before there could be several. */
  function_call: callFragmentSchema.shape.function,
})

const tokens = z.int().nonnegative()
const some = tokens.nullish().catch(undefined)

const usageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: some }).nullish().catch(undefined),
    /** DeepSeek's word for them. */
    prompt_cache_hit_tokens: some,
    completion_tokens_details: z.object({ reasoning_tokens: some }).nullish().catch(undefined),
  })
  .transform((usage): Usage => {
    const cachedTokens = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens
    const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens
    return {
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      ...(typeof cachedTokens === 'number' && { cachedTokens }),
      ...(typeof reasoningTokens === 'number' && { reasoningTokens }),
    }
  })

const chunkSchema = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: deltaSchema.nullish(),
        /** In place of the delta, from an endpoint that does not stream. */
        message: deltaSchema.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  // Usage that cannot be read counts as none told: it must not cost the reply.
  usage: usageSchema.nullish().catch(undefined),
})
export type CompletionChunk = z.infer<typeof chunkSchema>

/** vLLM up to 0.10 breaks off with this, without the `error` around it. */
const errorEventSchema = z.object({ object: z.literal('error'), message: z.string() })

/** @throws ModelError `model.malformed`, `model.unavailable` where the endpoint tells of an error */
export function parseChunk(event: unknown): CompletionChunk {
  const broken = errorEventSchema.safeParse(event)
  if (broken.success) {
    const message = `the endpoint broke its reply off with an error. It said: ${quote(broken.data.message)}`
    throw new ModelError('unavailable', message, { retryable: true })
  }
  const parsed = chunkSchema.safeParse(event)
  if (parsed.success) return parsed.data
  const message = `the endpoint sent an event that is no completion chunk: ${z.prettifyError(parsed.error)}`
  throw new ModelError('malformed', message, { retryable: true, cause: parsed.error })
}
