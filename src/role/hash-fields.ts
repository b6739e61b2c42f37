/**
 * Fields of an answer that name a blob. No model can know a hash, so it is not asked for them: a machine that answers
 * for its model fills them in.
 */
import { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { BlobHash } from '../../protocols/ids.ts'

type Answer = Pick<MessageDefinition, 'type' | 'body'>

const A_HASH = '0'.repeat(64)
const NO_HASH = 'a word'

/** It takes a hash or null, and no other text. */
const namesBlob = (field: z.ZodType): boolean =>
  [A_HASH, null].every((value) => field.safeParse(value).success) && !field.safeParse(NO_HASH).success

/** What a refinement says of the whole object, it could not say without them. */
const hashFields = ({ body }: Answer): readonly string[] =>
  body instanceof z.ZodObject && !body.def.checks?.length
    ? Object.entries(body.shape).flatMap(([name, field]) => (namesBlob(field as z.ZodType) ? [name] : []))
    : []

/** The answer as a model is asked for it. */
export function askedOfModel(answer: Answer): Answer {
  const { type, body } = answer
  const fields = hashFields(answer)
  if (fields.length === 0 || !(body instanceof z.ZodObject)) return answer
  const asked = body.omit(Object.fromEntries(fields.map((name) => [name, true])) as Record<never, never>)
  return { type, body: body.description === undefined ? asked : asked.describe(body.description) }
}

/** What the model answered, whole: `tree` is the workspace as it was handed over, and any other such field null. */
export function withHashes(definition: Answer, body: unknown, tree: BlobHash | null): unknown {
  const fields = hashFields(definition)
  if (fields.length === 0) return body
  return {
    ...(body as object),
    ...Object.fromEntries(fields.map((name) => [name, name === 'tree' ? tree : null])),
  }
}
