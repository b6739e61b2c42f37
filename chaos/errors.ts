/** What keeps chaos from being made or watched: then nothing is shown. What a check finds wrong is no error. */
import { SkeinError } from '../protocols/errors.ts'

/** `chaos.stopped`, `chaos.late`, `chaos.ended`, `chaos.argument`. */
export class ChaosError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`chaos.${code}`, message, options)
  }
}
