/** `skein result`: how a run ended, and where what it left is. */
import { reportOf } from '../src/flock/known-report.ts'
import { knownRun } from '../src/flock/see-run.ts'
import { openWaits } from '../src/people/open-waits.ts'
import { command } from './command.ts'
import { CliError } from './input/error.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { oneRun, oneRunOptions } from './one-run.ts'
import { waitingText } from './show/wait.ts'

export default command(
  (yargs) => oneRunOptions(yargs),
  async (given) => {
    const { settings, run, err, filed, show } = await oneRun(given)
    if (filed !== undefined) return show(filed)
    return onKeptBus(settings, err.line, async (kept) => {
      const record = await knownRun(kept, run)
      if (record.state !== 'over') {
        const waits = waitingText(run, (await openWaits(kept.bus.records, run)).length)
        const advice = `run "${run}" is not over: "skein wait ${run}" waits for its end`
        throw new CliError('not-over', waits === undefined ? advice : `${advice}. ${waits}`)
      }
      return show(await reportOf(record, { ...kept, stateDir: settings.stateDir }))
    })
  },
)
