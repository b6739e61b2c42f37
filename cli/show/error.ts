/** An error on the way out: what is wrong and what to do, its code, and where it came from for those who ask. */
import { SkeinError } from '../../protocols/errors.ts'
import type { Screen } from './terminal.ts'

export function showError(error: unknown, { line, paint }: Screen): void {
  const known = error instanceof SkeinError
  const text = error instanceof Error ? error.message : String(error)
  line(`${paint('red', 'skein:')} ${text}`)
  line(paint('dim', known ? `       ${error.code}` : '       a defect of skein; SKEIN_DEBUG=1 shows where'))
  if (process.env.SKEIN_DEBUG) line(stackOf(error))
}

/** An error for programs: what `--json` prints in place of a result. */
export const errorObject = (error: unknown) => ({
  code: error instanceof SkeinError ? error.code : 'unexpected',
  message: error instanceof Error ? error.message : String(error),
})

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return `${error.stack}${error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`}`
}
