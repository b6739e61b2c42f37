/** What the client library throws, as what a bus throws. The difference that counts: was anything applied? */
import { JetStreamApiError } from '@nats-io/jetstream'
import { jserrors } from '@nats-io/jetstream/internal'
import { errors } from '@nats-io/transport-node'
import { SkeinError } from '../../../protocols/errors.ts'
import { AmbiguousError, UnauthorizedError, UnavailableError } from '../errors.ts'

/** Codes of the JetStream API that skein acts on, from the server's own list of errors. */
export const API = {
  /** A cluster that has no leader for what was asked for. */
  clusterNotAvailable: 10008,
  consumerNotFound: 10014,
  sequenceNotFound: 10043,
  messageExceedsMaximum: 10054,
  messageDeleteFailed: 10057,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  subjectsOverlap: 10065,
  wrongLastSequence: 10071,
  /** Asked of a server that is no cluster. */
  replicasNotSupported: 10074,
  /** The store said no, and its words say why. */
  storeFailed: 10077,
  headerExceedsMaximum: 10097,
  /** Another message with this dedup is on its way: server 2.11. */
  duplicateInProcess: 10158,
  /** As `wrongLastSequence`, from a cluster that has not settled yet: server 2.12. */
  wrongLastSequenceUnknown: 10164,
} as const

/** The code of what the JetStream API answered, or undefined where it did not answer. */
export const apiCode = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.code : undefined

/** For a request that changes nothing. */
export function readFailure(what: string, error: unknown): SkeinError {
  if (error instanceof SkeinError) return error
  return forbidden(what, error) ?? new UnavailableError(`${what} failed: ${reason(error)}`, { cause: error })
}

/** For a request that changes something: one that was sent and not answered is ambiguous. */
export function writeFailure(what: string, error: unknown): SkeinError {
  if (error instanceof SkeinError || neverApplied(error)) return readFailure(what, error)
  return forbidden(what, error) ?? new AmbiguousError(what, { cause: error })
}

/** What went wrong, as a clause. */
export function reason(error: unknown): string {
  if (error instanceof jserrors.JetStreamNotEnabled)
    return 'nobody answers, is JetStream on and its stream there?'
  return error instanceof Error ? error.message : String(error)
}

/** Not sent, not received by anybody, or answered with a refusal. */
const neverApplied = (error: unknown) =>
  error instanceof JetStreamApiError ||
  error instanceof jserrors.JetStreamNotEnabled ||
  error instanceof errors.ClosedConnectionError ||
  error instanceof errors.DrainingConnectionError

function forbidden(what: string, error: unknown): UnauthorizedError | undefined {
  const cause = error instanceof errors.RequestError ? error.cause : error
  if (!(cause instanceof errors.PermissionViolationError)) return undefined
  return new UnauthorizedError(
    `the server forbids ${what} (${cause.message}): give the user that permission`,
    {
      cause: error,
    },
  )
}
