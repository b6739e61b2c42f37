/** The errors a caller of skein may meet. Each port keeps its own beside its interface; this is their common door. */
export { assertNever, InvalidError, SkeinError } from '../protocols/errors.ts'
export {
  AmbiguousError,
  ConflictError,
  LeaseLostError,
  MailboxFullError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedServerError,
} from './bus/errors.ts'
