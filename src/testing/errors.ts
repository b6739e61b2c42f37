/** What a test is told when it goes on no further: it is the test's own business, not the run's. */
import { SkeinError } from '../../protocols/errors.ts'

/**
 * `testing.role`, `testing.answers`: what is sent fits no role of the mesh. `testing.patience`: a run was not over in
 * the virtual time that it had. `testing.real-time`: a tool or a model took too long in real time. `testing.script`:
 * the script of a model did not fit what was asked. `testing.closed`, `testing.conversation`, `testing.message`,
 * `testing.wait`, `testing.peer`, `testing.fault`: it is not there.
 */
export class TestingError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`testing.${code}`, message, options)
  }
}
