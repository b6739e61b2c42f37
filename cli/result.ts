/** `skein result`: how a run ended, and where what it left is. */
import { filedReport } from '../src/flock/file-once.ts'
import { reportOf } from '../src/flock/known-report.ts'
import { knownRun } from '../src/flock/see-run.ts'
import { parseRun } from './apply.ts'
import { command } from './command.ts'
import { EXIT_OF_OUTCOME } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { linked } from './input/jaeger.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { showReport } from './show/outcome.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', demandOption: true, describe: 'its id' })
      .option('json', { type: 'boolean', describe: 'print its report as one JSON object' }),
  async (given) => {
    const settings = await readSettings(given)
    const run = parseRun(given.run)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const filed = await filedReport(settings.stateDir, run)
    if (filed !== undefined) {
      await showReport(linked(filed, settings), out, given.json === true)
      return EXIT_OF_OUTCOME[filed.outcome]
    }
    return onKeptBus(settings, err.line, async (kept) => {
      const record = await knownRun(kept, run)
      if (record.state !== 'over')
        throw new CliError('not-over', `run "${run}" is not over: "skein wait ${run}" waits for its end`)
      const report = await reportOf(record, { ...kept, stateDir: settings.stateDir })
      await showReport(linked(report, settings), out, given.json === true)
      return EXIT_OF_OUTCOME[report.outcome]
    })
  },
)
