/** `skein cancel`: has a run end, from any machine, and waits until it is over. */
import { userInfo } from 'node:os'
import { filedReport } from '../src/flock/file-once.ts'
import { fileEnd } from '../src/flock/known-report.ts'
import { cancelRun } from '../src/flock/see-run.ts'
import { parseRun } from './apply.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
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
    if (filed !== undefined)
      throw new CliError('over', `run "${run}" is over already: it ended as ${filed.outcome}`)
    return onKeptBus(settings, err.line, async (kept) => {
      const reason = `cancelled by ${userName()} on ${kept.host}`
      const end = await cancelRun(kept, run, { reason, signal: kept.signal })
      if (end === undefined) {
        err.line(`run "${run}" is being closed: whoever works on it closes it`)
        return EXIT.interrupted
      }
      const report = await fileEnd(end, { ...kept, stateDir: settings.stateDir })
      await showReport(linked(report, settings), out, given.json === true)
      if (report.outcome === 'cancelled') return EXIT.ok
      throw new CliError('over', `run "${run}" was not cancelled: it ended as ${report.outcome}`)
    })
  },
)

/** For people. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
