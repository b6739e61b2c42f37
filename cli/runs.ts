/** `skein runs`: the runs that the bus knows, and those that are filed here. */
import { allRuns, type ListedRun } from '../src/flock/all-runs.ts'
import { FlockError } from '../src/flock/errors.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { shortDuration } from '../traces/read/duration.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { table } from './show/table.ts'
import { screen } from './show/terminal.ts'
import { waitingText } from './show/wait.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .option('all', { type: 'boolean', describe: 'also those that are over' })
      .option('json', { type: 'boolean', describe: 'print a JSON array' }),
  async (given) => {
    const settings = await readSettings(given)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]

    function show(runs: readonly ListedRun[]): number {
      const shown = given.all ? runs : runs.filter(({ state }) => state !== 'over')
      if (given.json) out.line(JSON.stringify(shown))
      else if (shown.length > 0) {
        for (const line of table(HEAD, shown.map(row), out)) out.line(line)
        for (const { run, waiting } of shown) {
          const text = waitingText(run, waiting)
          if (text !== undefined) out.line(out.paint('yellow', text))
        }
      } else out.line(given.all ? 'no runs' : 'no run is under way; --all lists those that are over')
      return EXIT.ok
    }

    try {
      return await onKeptBus(settings, err.line, async ({ bus }) =>
        show(await allRuns(settings.stateDir, bus)),
      )
    } catch (error) {
      // Without a server there may be runs on file.
      if (!(error instanceof FlockError) || error.code !== 'flock.no-server') throw error
      return show(await allRuns(settings.stateDir))
    }
  },
)

const HEAD = ['RUN', 'STATE', 'ORIGIN', 'BEGAN', 'TOOK', 'GOAL']

function row({ run, state, outcome, waiting, hosted, startedAt, endedAt, goal }: ListedRun): string[] {
  const now = systemClock().now()
  const host = state === 'over' ? '' : (hosted ?? 'nobody')
  return [
    run,
    state === 'over' ? (outcome ?? 'over') : waiting > 0 ? `${state}, ${waiting} for you` : state,
    host,
    new Date(startedAt).toISOString().slice(0, 16).replace('T', ' '),
    shortDuration(Math.max(0, (endedAt ?? now) - startedAt)),
    goal,
  ]
}
