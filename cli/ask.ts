/** `skein ask`: one question to one role, in this process, and its answer. */
import { stringify } from 'yaml'
import { chooseModel } from '../src/flock/choose-model.ts'
import { run } from '../src/flock/run.ts'
import type { RunReport } from '../src/flock/run-report.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { askedJob, messageTo } from './asked-job.ts'
import { command } from './command.ts'
import { EXIT, EXIT_OF_OUTCOME } from './exit-code.ts'
import { bodyOf } from './input/body.ts'
import { parseDuration } from './input/duration.ts'
import { CliError } from './input/error.ts'
import { limitOptions, parseLimits } from './input/limits.ts'
import { rateOptions, wishedRates } from './input/rates.ts'
import { recordOptions, recordTo } from './input/recording.ts'
import { chosenRoles, namedRoles } from './input/roles.ts'
import { commonOptions, modelOption, readSettings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { linesDisplay } from './show/lines.ts'
import { patchText } from './show/outcome.ts'
import { noDisplay } from './show/run-display.ts'
import { harmless, type Screen, screen } from './show/terminal.ts'

const DEFAULT_TIMEOUT = '10m'

export default command(
  (yargs) =>
    recordOptions(rateOptions(limitOptions(modelOption(commonOptions(yargs)))))
      .positional('role', {
        type: 'string',
        demandOption: true,
        describe: 'name of a role, or a file like ./librarian.md',
      })
      .positional('words', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'what to ask, where the message has one text',
      })
      .option('message', {
        type: 'string',
        requiresArg: true,
        describe: 'type of the message, where the role takes several, as task.request',
      })
      .option('body', { type: 'string', requiresArg: true, describe: 'the whole message, as JSON' })
      .option('workspace', {
        alias: 'w',
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'directory that its tools work on; it is only read, until "skein apply"',
      })
      .option('documents', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'directory of documents, where they are not in the workspace',
      })
      .option('approve', {
        type: 'string',
        requiresArg: true,
        describe: 'tools whose calls wait for "skein approve"',
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
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing of what happens meanwhile' })
      .option('json', {
        type: 'boolean',
        describe: 'print the report as one JSON object; on an error it has { "error": { code, message } }',
      })
      .example('$0 ask librarian "Why is there no ESLint?"', '')
      .example('$0 ask ./librarian.md --documents docs "Why is there no ESLint?"', ''),
  async (given) => {
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const settings = await readSettings(given)
    const { config, env } = settings
    const named = await namedRoles(config)
    const [role, ...others] = await chosenRoles([given.role], named, config)
    if (role === undefined || others.length > 0)
      throw new CliError('role', `"${given.role}" exports several roles: list it in the config, and name one`)
    const message = messageTo(role, given.message)
    const words = given.words.join(' ')
    const body = bodyOf(message, words, given.body)
    const model = given.model ?? config.model
    const chosen = await chooseModel({ model, env, clock: systemClock() })
    if (chosen.endpoint === undefined && role.policy === undefined)
      throw new CliError(
        'no-model',
        `the role "${role.name}" needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL and OPENAI_MODEL for an endpoint of your own`,
      )
    const job = askedJob(
      {
        ...{ role, message, body, goal: words || `${message.type} to ${role.name}` },
        workspace: given.workspace,
        documents: given.documents ?? config.documents,
      },
      named,
    )
    const display = given.json || given.quiet ? noDisplay(err) : linesDisplay(err)
    const stop = stopOnSignals()
    const report = await run(job, {
      ...settings,
      ...parseLimits(given, config),
      ...wishedRates(given, config, env),
      approve: given.approve?.split(',').map((name) => name.trim()) ?? config.approve,
      noHuman: !given.human,
      model,
      prices: config.prices,
      record: await recordTo(given),
      timeoutMs: parseDuration(given.timeout ?? config.timeout ?? DEFAULT_TIMEOUT),
      say: display.say,
      onStart: display.start,
      onCommit: display.commit,
      ...(display.printed && { onPrinted: display.printed }),
      signal: stop.signal,
    }).finally(display.end)
    if (given.json) out.line(JSON.stringify(report))
    else await showAnswer(report, out, err)
    return stop.by() === 'SIGINT' ? EXIT.interrupted : EXIT_OF_OUTCOME[report.outcome]
  },
)

/** The answer alone goes to standard output. */
async function showAnswer(report: RunReport, out: Screen, err: Screen): Promise<void> {
  const { run, outcome, reason, answer, patch, partial, change } = report
  if (answer === null) err.line(`${err.paint('red', outcome)}  ${reason ?? ''}`.trimEnd())
  else out.line(harmless(readable(answer.body)))
  if (patch !== null) err.line(`patch: ${await patchText(patch, partial)}`)
  if (change !== null) err.line(err.paint('dim', `skein apply ${run}`))
  err.line(err.paint('dim', `skein trace ${run}`))
}

/** A lone text as it is; several fields as YAML, without those that say nothing. */
function readable(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body)
  const said = Object.entries(body).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  )
  const [first, ...others] = said
  if (first !== undefined && others.length === 0 && typeof first[1] === 'string') return first[1]
  return stringify(Object.fromEntries(said), { lineWidth: 0 }).trimEnd()
}
