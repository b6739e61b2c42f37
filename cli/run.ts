/** `skein run`: a goal, a workspace, the peers it takes, and what came of it. */
import { resolve } from 'node:path'
import { type Detached, launch } from '../src/flock/run.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { applyReport, showApplied } from './apply.ts'
import { command } from './command.ts'
import { EXIT, EXIT_OF_OUTCOME, exitCodeFor } from './exit-code.ts'
import { DEFAULT_TIMEOUT, wishedJob } from './input/coding-job.ts'
import { parseDuration } from './input/duration.ts'
import { CliError } from './input/error.ts'
import { type LinkedReport, linked, linkTo } from './input/jaeger.ts'
import { limitOptions, parseLimits } from './input/limits.ts'
import { rateOptions, wishedRates } from './input/rates.ts'
import { recordingOptions, recordTo } from './input/recording.ts'
import { namedRoles } from './input/roles.ts'
import { commonOptions, modelOption, readSettings, sandboxOption } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { topologyOptions } from './input/topology.ts'
import { peerArgs } from './peer-args.ts'
import { containmentText } from './show/containment.ts'
import { errorObject, showError } from './show/error.ts'
import { linesDisplay } from './show/lines.ts'
import { showOutcome } from './show/outcome.ts'
import { noDisplay, type RunDisplay } from './show/run-display.ts'
import { type Screen, screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    recordingOptions(
      topologyOptions(limitOptions(rateOptions(sandboxOption(modelOption(commonOptions(yargs)))))),
    )
      .positional('goal', { type: 'string', describe: 'what is wanted, in your words' })
      .option('workspace', {
        alias: 'w',
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'directory to work on; it is only read, unless --apply is given',
      })
      .option('documents', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'directory of documents, where they are not in the workspace',
      })
      .option('apply', { type: 'boolean', describe: 'write the result into the workspace when completed' })
      .option('peers', {
        type: 'string',
        requiresArg: true,
        describe: 'peers of each role  [default: planner=1,researcher=2,coder=2,reviewer=1]',
      })
      .option('rounds', {
        type: 'number',
        requiresArg: true,
        describe: 'how often a review may send work back',
      })
      .option('approve', {
        type: 'string',
        requiresArg: true,
        describe: 'tools whose calls wait for "skein approve", as run_command,write_file',
      })
      .option('human', {
        type: 'boolean',
        default: true,
        describe: 'ask people; --no-human refuses at once what would wait for one',
      })
      .option('timeout', {
        type: 'string',
        requiresArg: true,
        describe: `when to stop it  [default: ${DEFAULT_TIMEOUT}]`,
      })
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        describe: 'leave it to its peers once it has begun, and print its id',
      })
      .option('jaeger', {
        type: 'string',
        describe: 'show it in Jaeger, at the address of its page  [SKEIN_JAEGER; http://127.0.0.1:16686]',
      })
      .option('here', { type: 'boolean', describe: 'host the peers in this process, not in their own' })
      .option('json', {
        type: 'boolean',
        describe: 'print one JSON object at the end, and no progress',
      })
      .conflicts('detach', ['here', 'apply'])
      .example('$0 run "Make the failing tests pass" --workspace my-project', '')
      .example('$0 run … --topology star', 'with a supervisor, to compare')
      .example('$0 run … --topology ring --placement hash', '')
      .example('$0 run … --record run.jsonl', 'to replay it later')
      .example('$0 run --replay run.jsonl', 'without a key, a tool or a network'),
  async (given) => {
    const { replay, goal = '', workspace = '' } = given
    if (replay !== undefined) return (await import('./replay-file.ts')).replayFile({ ...given, replay })
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    let report: (LinkedReport & { readonly recording?: string }) | undefined
    const leave = new AbortController()
    try {
      const settings = await readSettings(given)
      const { config } = settings
      const timeoutMs = parseDuration(given.timeout ?? config.timeout ?? DEFAULT_TIMEOUT)
      const bounds = parseLimits(given, config)
      const rates = wishedRates(given, config, settings.env)
      const model = given.model ?? config.model
      const roles = await namedRoles(config)
      const record = await recordTo(given)
      const job = await wishedJob({ ...given, goal, workspace }, settings, roles)
      const display = await displayFor(job.goal, given.json === true, err)
      const stop = stopOnSignals(['SIGHUP'])
      // A terminal that is closed takes nothing with it but this process: the peers go on.
      process.once('SIGHUP', () => leave.abort())
      const sayStopping = () => display.say('stopping; once more to leave at once')
      if (!given.json) {
        stop.signal.addEventListener('abort', sayStopping, { once: true })
      }
      let begun = false
      const end = await launch(job, {
        ...settings,
        ...bounds,
        approve: given.approve?.split(',').map((name) => name.trim()) ?? config.approve,
        noHuman: !given.human,
        ...rates,
        model,
        prices: config.prices,
        record,
        timeoutMs,
        peerArgs: given.here ? undefined : peerArgs(roles, { ...settings, model }),
        say: display.say,
        onStart(started) {
          begun = true
          display.start(started)
          if (!given.json && started.sandbox !== undefined) display.say(containmentText(started.sandbox))
          if (given.detach) leave.abort()
        },
        onCommit: display.commit,
        ...(display.printed && { onPrinted: display.printed }),
        signal: stop.signal,
        detach: leave.signal,
      })
        .finally(display.end)
        .catch((error: unknown) => {
          if (begun || !stop.signal.aborted || error !== stop.signal.reason) throw error
          return undefined
        })
      if (end !== undefined && 'detached' in end) {
        showDetached(end, linkTo(end.run, settings), given.json === true, out, err)
        return EXIT.ok
      }
      report = end && {
        ...linked(end, settings),
        ...(record && { recording: resolve(record.file) }),
      }
      const interrupted = stop.by() === 'SIGINT'
      if (report === undefined) {
        const stopped = new CliError('stopped', 'stopped before it began')
        if (given.json) out.line(JSON.stringify({ error: errorObject(stopped) }))
        err.line(stopped.message)
        return interrupted ? EXIT.interrupted : EXIT_OF_OUTCOME.cancelled
      }
      if (!given.json) {
        await showOutcome(report, out)
        if (record !== undefined) err.line(err.paint('dim', `recorded in ${record.file}`))
      }
      if (given.apply && report.outcome === 'completed' && report.change !== null) {
        const files = await applyReport(report)
        if (!given.json) showApplied(report, files, out)
      }
      if (given.json) out.line(JSON.stringify(report))
      return interrupted ? EXIT.interrupted : EXIT_OF_OUTCOME[report.outcome]
    } catch (error) {
      if (!given.json || report === undefined) throw error
      // Of a run that is over and could not be applied, the report is told as well.
      out.line(JSON.stringify({ ...report, error: errorObject(error) }))
      showError(error, err)
      return exitCodeFor(error)
    }
  },
)

/** The id alone is for programs. */
function showDetached(
  { run, detached }: Detached,
  jaeger: string | undefined,
  json: boolean,
  out: Screen,
  err: Screen,
): void {
  if (json) out.line(JSON.stringify({ run, detached, jaeger }))
  else {
    out.line(run)
    const hint = (command: string, what: string) =>
      err.line(err.paint('dim', `  ${`skein ${command} ${run}`.padEnd(32)}${what}`))
    hint('wait', 'until it is over')
    hint('waiting', 'what of it waits for a person')
    hint('result', 'what came of it')
    hint('cancel', 'to stop it')
    if (jaeger !== undefined) err.line(err.paint('dim', `  ${jaeger}`))
  }
}

async function displayFor(goal: string, silent: boolean, err: Screen): Promise<RunDisplay> {
  if (silent) return noDisplay(err)
  if (!err.live) return linesDisplay(err)
  const { liveBoard } = await import('./show/live-board.ts')
  return liveBoard(goal, err, systemClock())
}
