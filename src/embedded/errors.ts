/** Why there is no private nats-server. The caller's one decision: go on without it, or stop. */
import { SkeinError } from '../../protocols/errors.ts'

/** One place that was looked at, and what was wrong with it. */
export type Attempt = { readonly where: string; readonly why: string }

/**
 * `embedded.no-binary` (see `attempts`), `embedded.start`, `embedded.stop`, `embedded.state`, `embedded.busy`; the
 * other codes are the reasons of single attempts.
 */
export class EmbeddedNatsError extends SkeinError {
  readonly attempts: readonly Attempt[]

  constructor(code: string, message: string, options: ErrorOptions & { attempts?: readonly Attempt[] } = {}) {
    super(`embedded.${code}`, message, options)
    this.attempts = options.attempts ?? []
  }
}

/** What an error comes down to, in one line: `fetch` hides "connection refused" two causes deep. */
export function reasonOf(error: unknown): string {
  if (error instanceof EmbeddedNatsError) return error.message
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (error instanceof Error) return error.cause === undefined ? error.message : reasonOf(error.cause)
  return String(error)
}
