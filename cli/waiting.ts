/** `skein waiting`: what waits for a person, in one run or in all; or one of it, whole. */
import { knownRun } from '../src/flock/see-run.ts'
import { openWaits } from '../src/people/open-waits.ts'
import { readShown } from '../src/people/shown.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { waitNamed, waitsIn } from './input/waits.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { jsonLine, screen } from './show/terminal.ts'
import { showWait, waitObject } from './show/wait.ts'
import { showWholeWait } from './show/whole-wait.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', describe: 'only of this run  [default: all runs]' })
      .positional('id', {
        type: 'string',
        describe: 'one that waits or waited, or the beginning of its id: all of it, and what it would do',
      })
      .option('json', { type: 'boolean', describe: 'print a JSON array; with an id, one object' })
      .example('$0 waiting r-mb4k2x9f-3fa1 7c01', 'the call whole, with the patch of what it would change')
      .epilogue('skein approve, deny and answer decide it.'),
  async (given) => {
    const settings = await readSettings(given)
    const run = given.run === undefined ? undefined : parseRun(given.run)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    return onKeptBus(settings, err.line, async (kept) => {
      const { records, blobs } = kept.bus
      if (run !== undefined) await knownRun(kept, run)
      if (run !== undefined && given.id !== undefined) {
        const { open, known } = await waitsIn(kept, run, [given.id])
        const wait = waitNamed(given.id, open, known)
        const shown = await readShown(blobs, wait)
        const isOpen = open.includes(wait)
        if (given.json) out.line(jsonLine({ ...waitObject(wait), open: isOpen, shows: shown ?? null }))
        else showWholeWait(wait, shown, { now: kept.clock.now(), isOpen }, out)
        return EXIT.ok
      }
      const waits = await openWaits(records, run)
      if (given.json) out.line(jsonLine(waits.map(waitObject)))
      else if (waits.length === 0) out.line('nothing waits for a person')
      else for (const wait of waits) showWait(wait, kept.clock.now(), out)
      return EXIT.ok
    })
  },
)
