/** A recording that cannot be read, or that does not fit what is replayed. */
import { SkeinError } from '../../protocols/errors.ts'

/**
 * `recording.exists`, `recording.invalid`, `recording.unreplayable`; and what is different in a replay:
 * `recording.changed-instructions`, `-tools`, `-answers`, `-parameters`, `-transcript`, `-call`, `-message`, `-turn`,
 * `recording.missing` for something that was recorded and does not come.
 */
export class RecordingError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`recording.${code}`, message, options)
  }
}
