/** `skein cancel`: has a run end, from any machine, and waits until it is over. */
import { fileEnd } from '../src/flock/known-report.ts'
import { cancelRun } from '../src/flock/see-run.ts'
import { command } from './command.ts'
import { EXIT, exitCodeFor } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { userName } from './input/user-name.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { oneRun, oneRunOptions } from './one-run.ts'
import { showError } from './show/error.ts'

export default command(
  (yargs) => oneRunOptions(yargs),
  async (given) => {
    const { settings, run, err, filed, show } = await oneRun(given)
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
      if (report.outcome === 'cancelled') {
        await show(report)
        return EXIT.ok
      }
      const late = new CliError('over', `run "${run}" was not cancelled: it ended as ${report.outcome}`)
      await show(report, late)
      showError(late, err)
      return exitCodeFor(late)
    })
  },
)
