/** `skein wait`: until a run is over, wherever it was started; then what `skein result` says. */
import { fileEnd } from '../src/flock/known-report.ts'
import { seeRun } from '../src/flock/see-run.ts'
import { openWaits } from '../src/people/open-waits.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { parseDuration } from './input/duration.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { oneRun, oneRunOptions } from './one-run.ts'
import { commitLines } from './show/lines.ts'
import { waitingText } from './show/wait.ts'

export default command(
  (yargs) =>
    oneRunOptions(yargs)
      .option('timeout', {
        type: 'string',
        requiresArg: true,
        describe: 'how long to wait; the run goes on  [default: until its end]',
      })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing of what happens meanwhile' })
      .option('json', { type: 'boolean', describe: 'print its report as one JSON object, and no progress' }),
  async (given) => {
    const { settings, run, err, filed, show } = await oneRun(given)
    const patience = given.timeout === undefined ? undefined : parseDuration(given.timeout)
    if (filed !== undefined) return show(filed)
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
          const open = await openWaits(kept.bus.records, run).catch(() => [])
          const waits = waitingText(run, open.length)
          if (waits !== undefined) err.line(err.paint('yellow', waits))
          err.line(`run "${run}" goes on: "skein wait ${run}" waits again, "skein cancel ${run}" stops it`)
          return kept.signal.aborted ? EXIT.interrupted : EXIT.late
        }
        return await show(await fileEnd(end, { ...kept, stateDir: settings.stateDir }))
      } finally {
        timer?.cancel()
      }
    })
  },
)
