/**
 * The base of every error skein throws on purpose: a stable `code` to branch on, and a text that quotes the
 * offender and says what to do.
 */
export class SkeinError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Something from outside (a body, a header, a record, a file) does not have the shape it must have. */
export class InvalidError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`invalid.${code}`, message, options)
  }
}

/** Closes a switch over a tagged union: the compiler complains when a tag is added and not handled. */
export function assertNever(value: never): never {
  throw new SkeinError('internal.unreachable', `unhandled case: ${JSON.stringify(value)}`)
}
