/**
 * The input of a call as the tool takes it. Schemas have all fields required and say `null` for what is not wanted, as
 * strict endpoints ask; other endpoints do not hold models to that, and those leave such fields out.
 */
import type { z } from 'zod'

/** What the schema says of the input, with null for each field that is missing and may be null. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  const first = schema.safeParse(given, { reportInput: true })
  if (first.success) return first
  const missing = first.error.issues.filter(({ input, path }) => input === undefined && path.length > 0)
  if (missing.length === 0) return first
  const filled = missing.reduce((value, { path }) => withNull(value, path), given)
  const second = schema.safeParse(filled)
  // The first says what is missing; the second would say that it must not be null.
  return second.success ? second : first
}

function withNull(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined) return null
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === key ? withNull(item, rest) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  return { ...value, [key]: withNull((value as Record<PropertyKey, unknown>)[key], rest) }
}
