/** `skein wait`: until a run is over, wherever it was started; then what `skein result` says. */
import { filedReport } from '../src/flock/file-once.ts'
import { fileEnd } from '../src/flock/known-report.ts'
import { seeRun } from '../src/flock/see-run.ts'
import { parseRun } from './apply.ts'
import { command } from './command.ts'
import { EXIT, EXIT_OF_OUTCOME } from './exit-code.ts'
import { parseDuration } from './input/duration.ts'
import { linked } from './input/jaeger.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { commitLines } from './show/lines.ts'
import { showReport } from './show/outcome.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', demandOption: true, describe: 'its id' })
      .option('timeout', {
        type: 'string',
        requiresArg: true,
        describe: 'how long to wait; the run goes on  [default: until its end]',
      })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing of what happens meanwhile' })
      .option('json', { type: 'boolean', describe: 'print its report as one JSON object, and no progress' }),
  async (given) => {
    const settings = await readSettings(given)
    const run = parseRun(given.run)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const patience = given.timeout === undefined ? undefined : parseDuration(given.timeout)
    const filed = await filedReport(settings.stateDir, run)
    if (filed !== undefined) {
      await showReport(linked(filed, settings), out, given.json === true)
      return EXIT_OF_OUTCOME[filed.outcome]
    }
    return onKeptBus(settings, err.line, async (kept) => {
      const late = new AbortController()
      const timer = patience === undefined ? undefined : kept.clock.setTimer(patience, () => late.abort())
      try {
        const end = await seeRun(kept, run, {
          signal: AbortSignal.any([kept.signal, late.signal]),
          ...(!given.quiet && { say: err.line }),
          ...(!given.json && !given.quiet && { onCommit: commitLines(err, kept.clock.now()) }),
        })
        if (end === undefined) {
          err.line(`run "${run}" goes on: "skein wait ${run}" waits again, "skein cancel ${run}" stops it`)
          return kept.signal.aborted ? EXIT.interrupted : EXIT.late
        }
        const report = await fileEnd(end, { ...kept, stateDir: settings.stateDir })
        await showReport(linked(report, settings), out, given.json === true)
        return EXIT_OF_OUTCOME[report.outcome]
      } finally {
        timer?.cancel()
      }
    })
  },
)
