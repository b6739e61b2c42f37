/** The run that a command line names. */
import { type RunId, runIdSchema } from '../../protocols/ids.ts'
import { CliError } from './error.ts'

/** @throws CliError `cli.run` */
export function parseRun(text: string): RunId {
  const run = runIdSchema.safeParse(text)
  if (run.success) return run.data
  throw new CliError('run', `"${text}" is no run: "skein run" names it, like r-mb4k2x9f-3fa1`)
}
