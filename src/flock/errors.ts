/** What keeps a flock from coming together. The text says what to set, start or choose. */
import { SkeinError } from '../../protocols/errors.ts'

/** `flock.no-server`, `flock.no-model`, `flock.peer-died`, `flock.peer-late`, `flock.no-run`, `flock.changed`, … */
export class FlockError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`flock.${code}`, message, options)
  }
}
