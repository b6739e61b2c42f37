/** The caller's own mistake, told before anything was begun. */
import { SkeinError } from '../../protocols/errors.ts'

/** `cli.usage`, `cli.config`, `cli.workspace`, `cli.role`, … */
export class CliError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`cli.${code}`, message, options)
  }
}
