/** `skein apply`: what a finished run changed, written into its workspace. No server is needed for it. */
import { runIdSchema } from '../protocols/ids.ts'
import { applyChange } from '../src/flock/change.ts'
import { type RunReport, readReport } from '../src/flock/run-report.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { type Screen, screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    commonOptions(yargs).positional('run', { type: 'string', demandOption: true, describe: 'its id' }),
  async (given) => {
    const { stateDir } = await readSettings(given)
    const report = await readReport(stateDir, parseRun(given.run))
    showApplied(report, await applyReport(report), screen(process.stdout))
    return EXIT.ok
  },
)

/**
 * Answers the files that were written.
 * @throws CliError `cli.nothing`; FlockError `flock.changed` and then nothing was written
 */
export function applyReport({ run, change, workspace }: RunReport): Promise<readonly string[]> {
  if (change !== null && workspace !== null) return applyChange(change, workspace)
  throw new CliError('nothing', `run "${run}" changed nothing that could be applied`)
}

export function showApplied({ workspace }: RunReport, files: readonly string[], { line }: Screen): void {
  line(`applied to ${workspace}:`)
  for (const file of files) line(`  ${file}`)
}

/** @throws CliError `cli.run` */
export function parseRun(text: string) {
  const run = runIdSchema.safeParse(text)
  if (run.success) return run.data
  throw new CliError('run', `"${text}" is no run: "skein run" names it, like r-mb4k2x9f-3fa1`)
}
