/**
 * One event of a streamed completion, as far as it is used. Endpoints that call themselves compatible leave out or
 * null much of it, so next to nothing is required.
 */
import { z } from 'zod'
import { ModelError } from '../model.ts'

const callFragmentSchema = z.object({
  index: z.int().nonnegative(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
})
export type CallFragment = z.infer<typeof callFragmentSchema>

const tokens = z.int().nonnegative()

const chunkSchema = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z.array(callFragmentSchema).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  // Usage that cannot be read counts as none told: it must not cost the reply.
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(undefined),
})
export type CompletionChunk = z.infer<typeof chunkSchema>

/** @throws ModelError `model.malformed` */
export function parseChunk(event: unknown): CompletionChunk {
  const parsed = chunkSchema.safeParse(event)
  if (parsed.success) return parsed.data
  const message = `the endpoint sent an event that is no completion chunk: ${z.prettifyError(parsed.error)}`
  throw new ModelError('malformed', message, { retryable: true, cause: parsed.error })
}
