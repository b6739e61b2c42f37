/** What commands about one run begin with: which run it is, where to say what, and its report where that is filed. */
import type { Argv } from 'yargs'
import type { RunId } from '../protocols/ids.ts'
import { filedReport } from '../src/flock/file-once.ts'
import type { RunReport } from '../src/flock/run-report.ts'
import { EXIT_OF_OUTCOME } from './exit-code.ts'
import { linked } from './input/jaeger.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, type Parsed, readSettings, type Settings } from './input/settings.ts'
import { errorObject } from './show/error.ts'
import { showReport } from './show/outcome.ts'
import { type Screen, screen } from './show/terminal.ts'

export const oneRunOptions = <T>(yargs: Argv<T>) =>
  commonOptions(yargs)
    .positional('run', { type: 'string', demandOption: true, describe: 'its id' })
    .option('json', { type: 'boolean', describe: 'print its report as one JSON object' })

export type OneRun = {
  readonly settings: Settings
  readonly run: RunId
  readonly err: Screen
  /** Undefined where nobody has filed it. */
  readonly filed: RunReport | undefined
  /** Shows how it ended. Answers the exit code of its outcome. @param error what is wrong with that, for programs */
  show(report: RunReport, error?: unknown): Promise<number>
}

/** @throws CliError `cli.run`, `cli.config` */
export async function oneRun(given: Parsed<typeof oneRunOptions>): Promise<OneRun> {
  const settings = await readSettings(given)
  const run = parseRun(given.run)
  const out = screen(process.stdout)
  return {
    settings,
    run,
    err: screen(process.stderr),
    filed: await filedReport(settings.stateDir, run),
    async show(report, error) {
      const told = { ...linked(report, settings), ...(error !== undefined && { error: errorObject(error) }) }
      await showReport(told, out, given.json === true)
      return EXIT_OF_OUTCOME[report.outcome]
    },
  }
}
