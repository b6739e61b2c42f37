/** `skein clean`: what runs left that are over, removed from the bus and, where asked for, from the state folder. */
import type { RunId } from '../protocols/ids.ts'
import { type Cleaned, clean } from '../src/flock/clean.ts'
import { FlockError } from '../src/flock/errors.ts'
import { liveRuns } from '../src/flock/live-runs.ts'
import { oldFiles, removeFolder } from '../src/flock/old-files.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { parseDuration } from './input/duration.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { cleanedLine, isNothing, type Tidied } from './show/cleaned.ts'
import { screen } from './show/terminal.ts'

const DEFAULT_OLDER = '7d'
const POLICY = [
  `What a run leaves on the bus is kept for ${DEFAULT_OLDER} after the run is over: the records of its conversations, its mail, its dead letters.`,
  'Blobs (files, trees, long transcripts) are kept for as long as something that is kept names them, and for two hours in any case.',
  'What is known of the rate of a model is kept for a day after its last call.',
  'A run past its deadline counts as over where its starter is gone.',
  'Nothing is removed of a run that is under way.',
].join(' ')

export default command(
  (yargs) =>
    commonOptions(yargs)
      .option('older', {
        type: 'string',
        requiresArg: true,
        describe: `what runs left that have been over for so long  [default: ${DEFAULT_OLDER}]`,
      })
      .option('run', { type: 'string', requiresArg: true, describe: 'what this run left, at once' })
      .option('all', { type: 'boolean', describe: 'what all runs left that are over' })
      .option('files', { type: 'boolean', describe: 'also their results and logs in the state folder' })
      .option('dry-run', { type: 'boolean', describe: 'remove nothing, and say what would be removed' })
      .option('json', { type: 'boolean', describe: 'print one JSON object' })
      .conflicts({ run: ['all', 'older'], all: ['older'] })
      .epilogue(POLICY),
  async (given) => {
    const settings = await readSettings(given)
    const run = given.run === undefined ? undefined : parseRun(given.run)
    const olderMs = given.all ? 0 : parseDuration(given.older ?? DEFAULT_OLDER)
    const { dryRun = false, files = false, json = false } = given
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const say = (text: string) => {
      if (err.live && !json) err.line(err.paint('dim', `${text} …`))
    }

    async function cleanFiles(live: readonly RunId[]): Promise<readonly string[]> {
      if (!files) return []
      const which = run === undefined ? { before: systemClock().now() - olderMs } : { run }
      const old = await oldFiles({ stateDir: settings.stateDir, which, live })
      if (!dryRun) await Promise.all(old.map(removeFolder))
      return old
    }

    function report(tidied: Tidied, stopped: boolean): number {
      if (run !== undefined && isNothing(tidied) && !stopped)
        throw new FlockError('no-run', `nothing is left of a run "${run}" here: "skein run" names its runs`)
      if (json) out.line(JSON.stringify({ dryRun, stopped, ...tidied }))
      else {
        out.line(cleanedLine(tidied, dryRun))
        for (const one of [...tidied.runs, ...tidied.files]) out.line(out.paint('dim', `  ${one}`))
        if (stopped) err.line('stopped: clean again to go on')
      }
      return stopped ? EXIT.interrupted : EXIT.ok
    }

    try {
      return await onKeptBus(settings, err.line, async ({ bus, clock, signal }) => {
        const which = run === undefined ? { olderMs } : { run }
        const cleaned = await clean({ bus, clock, which, dryRun, say, signal })
        const stopped = signal.aborted
        return report({ ...cleaned, files: stopped ? [] : await cleanFiles(await liveRuns(bus)) }, stopped)
      })
    } catch (error) {
      // Without a server there may be files all the same.
      if (!files || !(error instanceof FlockError) || error.code !== 'flock.no-server') throw error
      return report({ ...NOTHING, files: await cleanFiles([]) }, false)
    }
  },
)

const NOTHING: Cleaned = { runs: [], records: 0, messages: 0, deadLetters: 0, blobs: 0, bytes: 0 }
