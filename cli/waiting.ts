/** `skein waiting`: what waits for a person, in one run or in all. */
import { knownRun } from '../src/flock/see-run.ts'
import { openWaits } from '../src/people/open-waits.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { screen } from './show/terminal.ts'
import { showWait, waitObject } from './show/wait.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', describe: 'only of this run, and all of it  [default: all runs]' })
      .option('json', { type: 'boolean', describe: 'print a JSON array' })
      .epilogue('skein approve, deny and answer decide it.'),
  async (given) => {
    const settings = await readSettings(given)
    const run = given.run === undefined ? undefined : parseRun(given.run)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    return onKeptBus(settings, err.line, async (kept) => {
      if (run !== undefined) await knownRun(kept, run)
      const waits = await openWaits(kept.bus.records, run)
      if (given.json) out.line(JSON.stringify(waits.map(waitObject)))
      else if (waits.length === 0) out.line('nothing waits for a person')
      else for (const wait of waits) showWait(wait, kept.clock.now(), run !== undefined, out)
      return EXIT.ok
    })
  },
)
