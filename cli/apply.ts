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
    await applyReport(await readReport(stateDir, parseRun(given.run)), screen(process.stdout))
    return EXIT.ok
  },
)

/** @throws CliError `cli.nothing`; FlockError `flock.changed` and then nothing was written */
export async function applyReport({ run, change, workspace }: RunReport, { line }: Screen): Promise<void> {
  if (change === null || workspace === null) {
    throw new CliError('nothing', `run "${run}" changed nothing that could be applied`)
  }
  const files = await applyChange(change, workspace)
  line(`applied to ${workspace}:`)
  for (const file of files) line(`  ${file}`)
}

/** @throws CliError `cli.run` */
export function parseRun(text: string) {
  const run = runIdSchema.safeParse(text)
  if (run.success) return run.data
  throw new CliError('run', `"${text}" is no run: "skein run" names it, like r-mb4k2x9f-3fa1`)
}
