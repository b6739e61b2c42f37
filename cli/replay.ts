/** `skein replay`: a run from its records, turn by turn, and whether the machines at hand would do the same. */
import type { RunId } from '../protocols/ids.ts'
import { nameOf } from '../protocols/ids.ts'
import { redactor } from '../src/flock/choose-content.ts'
import { FlockError } from '../src/flock/errors.ts'
import { readFiledJournal } from '../src/flock/filed-journal.ts'
import { createChecker, tallyChecks } from '../src/history/check.ts'
import { HistoryError, type RunHistory, readHistory } from '../src/history/history.ts'
import { viewOfStep } from '../src/history/step-view.ts'
import { type HistoryStep, stepsOf } from '../src/history/steps.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { newestRun } from './input/newest-run.ts'
import { pauses } from './input/pauses.ts'
import { namedRoles } from './input/roles.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, readSettings, type Settings } from './input/settings.ts'
import { withKeptBus } from './on-kept-bus.ts'
import { checkLines, type ReplayText, stepLines, summaryLines } from './show/replay.ts'
import { oneLine, screen } from './show/terminal.ts'

const CHECKED = [
  'Each turn is taken again from the record before it, by the machines of this version of skein and of the config.',
  'Where one comes to something else than was recorded, the turn says so, and the exit code is 7.',
  'Values are shortened, and redacted as traces are; --context and --json show them whole.',
].join(' ')

/** Below it, nothing of a line would be left. */
const MIN_WIDTH = 60

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', describe: 'its id  [default: the newest]' })
      .option('until', {
        type: 'string',
        requiresArg: true,
        describe: 'the last step: its number, or conversation:turn',
      })
      .option('conversation', { type: 'string', requiresArg: true, describe: 'only this conversation' })
      .option('role', { type: 'string', requiresArg: true, describe: 'only conversations of this role' })
      .option('peer', { type: 'string', requiresArg: true, describe: 'only what this peer did' })
      .option('context', { type: 'boolean', describe: 'the whole context of the machine after each step' })
      .option('check', { type: 'boolean', describe: 'only the steps that differ, and the sum' })
      .option('any-version', {
        type: 'boolean',
        describe: 'check turns of other versions of a machine as well, as if they were of this one',
      })
      .option('step', { type: 'boolean', describe: 'in a terminal: one step for each Enter, q ends' })
      .option('json', { type: 'boolean', describe: 'print one object a line; the last one is the sum' })
      .conflicts('step', ['json', 'check'])
      .example('$0 replay r-mb4k2x9f-3fa1 | less', 'the whole run')
      .example(
        '$0 replay r-mb4k2x9f-3fa1 --until code-slugify:4 --context',
        'a conversation up to its turn 4',
      )
      .epilogue(CHECKED),
  async (given) => {
    const settings = await readSettings(given)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const run = given.run === undefined ? await newestRun(settings) : parseRun(given.run)
    const history = await historyOf(settings, run, err.line)
    const chosen = chosenSteps(history, given)
    const roles = await namedRoles(settings.config)
    const check = createChecker(history.run, roles.values(), { anyVersion: given.anyVersion })
    const tally = tallyChecks()
    const redact = redactor(settings.env)
    const text: ReplayText = { paint: out.paint, width: Math.max(MIN_WIDTH, out.width()), redact }
    const { state, outcome, goal } = history.run
    if (!given.json)
      out.line(
        `run ${run} · ${state === 'over' ? outcome : 'not over'} · ${oneLine(redact(goal)).slice(0, 60)}`,
      )
    const isStepped = given.step && out.live && process.stdin.isTTY
    const paused = isStepped ? pauses({ input: process.stdin, output: process.stderr }) : undefined
    if (isStepped) err.line(err.paint('dim', 'Enter for the next step, q to end'))
    let isFirst = true
    try {
      for (const step of chosen) {
        const pause = isFirst ? 'go' : await paused?.next()
        isFirst = false
        if (pause === 'interrupted') return EXIT.interrupted
        if (pause === 'end') break
        const found = check(step)
        tally.add(step, found)
        if (given.check && found?.kind !== 'differs') continue
        const context = given.context ? { whole: step.record.snapshot?.context ?? null } : undefined
        const view = viewOfStep(step)
        if (given.json) {
          const whole = { ...view, check: found ?? null, ...(context && { whole: context.whole }) }
          out.line(JSON.stringify(whole, redacting(redact)))
        } else {
          for (const line of [...stepLines(view, text, context), ...checkLines(found, text)]) out.line(line)
        }
      }
    } finally {
      paused?.close()
    }
    const sum = tally.sum()
    const { unreadable } = history
    if (given.json) out.line(JSON.stringify({ run, state, outcome, unreadable, ...sum }, redacting(redact)))
    else for (const line of summaryLines(sum, history, text)) out.line(line)
    return sum.diverging.length > 0 ? EXIT.findings : EXIT.ok
  },
)

/** Of a run that is filed here no server is asked. @throws HistoryError; FlockError `flock.no-server` */
async function historyOf(settings: Settings, run: RunId, say: (text: string) => void): Promise<RunHistory> {
  const filed = await readFiledJournal(settings.stateDir, run)
  if (filed !== undefined) return filed
  try {
    const { signal } = new AbortController()
    return await withKeptBus(settings, say, signal, ({ bus }) => readHistory(bus, run))
  } catch (cause) {
    const isNowhere =
      (cause instanceof FlockError && cause.code === 'flock.no-server') ||
      (cause instanceof HistoryError && cause.code === 'history.no-run')
    if (!isNowhere) throw cause
    throw new HistoryError(
      'no-run',
      `there is no journal of a run "${run}", neither in "${settings.stateDir}" nor on a bus: "skein runs" lists the runs that there are`,
      { cause },
    )
  }
}

type Wish = {
  readonly until?: string | undefined
  readonly conversation?: string | undefined
  readonly role?: string | undefined
  readonly peer?: string | undefined
}

/** @throws CliError `cli.until`, `cli.nothing` */
function chosenSteps(history: RunHistory, wish: Wish): Iterable<HistoryStep> {
  const { conversation, role, peer } = wish
  const last = lastOf(history, wish.until)
  const isChosen = ({ record }: HistoryStep) =>
    (conversation === undefined || nameOf(record.conversation) === conversation) &&
    (role === undefined || record.role === role) &&
    (peer === undefined || record.by.peer === peer)
  function* chosen() {
    for (const step of stepsOf(history)) {
      if (step.number > last) return
      if (isChosen(step)) yield step
    }
  }
  for (const _ of chosen()) return chosen()
  if (history.journal.length === 0) return []
  const known = (of: (record: RunHistory['journal'][number]) => string) =>
    [...new Set(history.journal.map(of))].sort().join(', ')
  throw new CliError(
    'nothing',
    `no step of run "${history.run.run}" is of that conversation, role and peer until then: there are the conversations ${known((record) => nameOf(record.conversation))}; the peers ${known(({ by }) => by.peer)}`,
  )
}

function lastOf(history: RunHistory, until: string | undefined): number {
  if (until === undefined) return Number.POSITIVE_INFINITY
  if (/^\d+$/.test(until)) return Number(until)
  const [, name, turn] = /^(.+):(\d+)$/.exec(until) ?? []
  if (name === undefined)
    throw new CliError(
      'until',
      `"${until}" is no step: give its number, like 12, or a conversation and its turn, like code-slugify:4`,
    )
  for (const { number, record } of stepsOf(history))
    if (nameOf(record.conversation) === name && record.turn === Number(turn)) return number
  throw new CliError('until', `run "${history.run.run}" has no turn ${turn} in a conversation "${name}"`)
}

/** Each string before it is JSON: there a quote has a stroke before it. */
const redacting = (redact: ReplayText['redact']) => (_: string, part: unknown) =>
  typeof part === 'string' ? redact(part) : part
