/** `skein apply`: what a finished run changed, written into its workspace. No server is needed for it. */
import { applyChange } from '../src/flock/change.ts'
import { type RunReport, readReport } from '../src/flock/run-report.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { parseRun } from './input/run-id.ts'
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
