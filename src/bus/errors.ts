/** What a bus can answer besides success: one class for each decision its caller can take. */
import { SkeinError } from '../../protocols/errors.ts'

/** A compare-and-set found another revision. Read again and decide anew. */
export class ConflictError extends SkeinError {
  readonly key: string
  readonly expected: number

  constructor(key: string, expected: number, options?: ErrorOptions) {
    super('bus.conflict', `"${key}" is no longer at revision ${expected}: somebody else wrote it`, options)
    this.key = key
    this.expected = expected
  }
}

/** A write was sent and not answered: it may or may not have been applied. Look it up. */
export class AmbiguousError extends SkeinError {
  constructor(what: string, options?: ErrorOptions) {
    super('bus.ambiguous', `no answer to ${what}: it may have been applied or not`, options)
  }
}

/** The bus cannot be reached, or was closed. Nothing was applied. */
export class UnavailableError extends SkeinError {
  constructor(message: string, options?: ErrorOptions) {
    super('bus.unavailable', message, options)
  }
}

/** Nothing is wrong with what was asked: it may be asked again when the bus is back. */
export const isBusAway = (error: unknown): error is AmbiguousError | UnavailableError =>
  error instanceof UnavailableError || error instanceof AmbiguousError

/** A bounded mailbox holds all it may. Nothing was stored. */
export class MailboxFullError extends SkeinError {
  readonly mailbox: string

  constructor(mailbox: string, options?: ErrorOptions) {
    super('bus.mailbox-full', `mailbox "${mailbox}" is full: try later, or add peers that read it`, options)
    this.mailbox = mailbox
  }
}

/** Larger than the bus takes. Put it in a blob and send its hash. */
export class TooLargeError extends SkeinError {
  readonly bytes: number
  readonly limit: number

  constructor(what: string, bytes: number, limit: number, options?: ErrorOptions) {
    super('bus.too-large', `${what} has ${bytes} bytes and the bus takes ${limit}: put it in a blob`, options)
    this.bytes = bytes
    this.limit = limit
  }
}

/** The lease ran out, or somebody else holds it now. Stop acting under it. */
export class LeaseLostError extends SkeinError {
  readonly key: string

  constructor(key: string, options?: ErrorOptions) {
    super('bus.lease-lost', `the lease "${key}" is no longer ours`, options)
    this.key = key
  }
}

/** The bus turned our credentials down. Asking again with the same ones will not help. */
export class UnauthorizedError extends SkeinError {
  constructor(message: string, options?: ErrorOptions) {
    super('bus.unauthorized', message, options)
  }
}

/** The server on the other end cannot be a bus: too old, or without what a bus is built on. */
export class UnsupportedServerError extends SkeinError {
  constructor(message: string, options?: ErrorOptions) {
    super('bus.unsupported', message, options)
  }
}
