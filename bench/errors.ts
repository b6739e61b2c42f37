/** What spoils a measurement: there are no numbers then. */
import { SkeinError } from '../protocols/errors.ts'

/**
 * `bench.rally-failed`, `bench.signals-lost`, `bench.process-died`, `bench.nothing-exported`, `bench.part`,
 * `bench.argument`, `bench.stopped`.
 */
export class BenchError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`bench.${code}`, message, options)
  }
}
