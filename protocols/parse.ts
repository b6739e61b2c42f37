/** Parsing what comes from outside, with an error that names the fields. */
import type { z } from 'zod'
import { InvalidError } from './errors.ts'

/**
 * The value as the schema has it.
 * @param what what is being parsed, for the message: `the body of "task.request"`
 * @throws InvalidError `invalid.<code>`
 */
export function parseAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: string,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new InvalidError(code, `${what} does not parse: ${issuesOf(result.error)}`, { cause: result.error })
}

/** How many complaints of one parse are worth showing. */
const SHOWN = 4

/** The first few things a parse complained of, on one line. */
export function issuesOf(error: z.ZodError): string {
  const shown = error.issues
    .slice(0, SHOWN)
    .map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`)
  const more = error.issues.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}
