/**
 * Sets the four roles to a few small jobs with a real model and prints what happened. It says the most that it may use
 * before it begins. `--help` says how to call it. Exit code 0 only if every job went well, 2 where something is to be
 * set first.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EXIT, exitCodeFor } from '../../cli/exit-code.ts'
import { readConfig } from '../../cli/input/config.ts'
import { CliError } from '../../cli/input/error.ts'
import { stopOnSignals } from '../../cli/input/stop.ts'
import { errorObject, showError } from '../../cli/show/error.ts'
import { table } from '../../cli/show/table.ts'
import { screen } from '../../cli/show/terminal.ts'
import { chooseModel } from '../../src/flock/choose-model.ts'
import { OFFLINE_MODEL } from '../../src/model/offline.ts'
import { costOf, priceOf } from '../../src/model/prices.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type CheckJob, JOBS } from './jobs.ts'
import { dollars, jobLine, TRIAL_HEAD, trialLines, trialRow } from './show.ts'
import { type Trial, tryJob } from './trial.ts'

const HELP = `npm run check:model -- [options]

  --only NAME    only this job; may be given again  [${JOBS.map(({ name }) => name).join(', ')}]
  --model NAME   a model of the endpoint  [OPENAI_MODEL]; "offline" tries this program and no model
  --list         print the jobs and the most that each may use, and begin none
  --keep         leave the workspaces and the files of the runs, and say where they are
  --json         print one JSON object at the end, and everything else to stderr

OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL say which model; "prices" in skein.config.* what it costs.`

const [out, err] = [screen(process.stdout), screen(process.stderr)]
const { signal } = stopOnSignals()

/** @throws CliError `cli.usage` */
function readOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: JOBS.map(({ name }) => name) },
        model: { type: 'string' },
        list: { type: 'boolean' },
        keep: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new CliError('usage', `${(cause as Error).message}: see --help`, { cause })
  }
}

function jobNamed(name: string): CheckJob {
  const job = JOBS.find((one) => one.name === name)
  if (job !== undefined) return job
  throw new CliError('job', `there is no job "${name}": there are ${JOBS.map((one) => one.name).join(', ')}`)
}

/** @throws CliError `cli.no-model` where no model is set */
async function modelNamed(name: string | undefined) {
  const chosen = await chooseModel({ model: name, env: process.env, clock: systemClock() })
  if (chosen.name !== OFFLINE_MODEL || name === OFFLINE_MODEL) return chosen.name
  throw new CliError(
    'no-model',
    'no model to try: set OPENAI_API_KEY, or OPENAI_BASE_URL for another endpoint than OpenAI, and OPENAI_MODEL',
  )
}

/** @returns the exit code */
async function main(): Promise<number> {
  const values = readOptions()
  if (values.help) {
    out.line(HELP)
    return EXIT.ok
  }
  const lines = values.json ? err : out
  const jobs = [...new Set(values.only)].map(jobNamed)
  if (values.list) {
    if (values.json)
      out.line(
        JSON.stringify(
          jobs.map(({ name, tries, tokens, timeoutMs }) => ({ name, tries, tokens, timeoutMs })),
        ),
      )
    else for (const job of jobs) out.line(jobLine(job))
    return EXIT.ok
  }
  const model = await modelNamed(values.model)
  const { config } = await readConfig(undefined, process.cwd())
  const most = jobs.reduce((sum, { tokens }) => sum + tokens, 0)
  const price = priceOf(model, config.prices)
  // No token costs more than one of output.
  const mostMoney =
    price === undefined
      ? null
      : costOf({ ...price, input: price.output }, { inputTokens: most, outputTokens: 0 })
  lines.line(
    `${jobs.length === 1 ? '1 job' : `${jobs.length} jobs`} with "${model}" may use ${most} tokens at most, which cost ${price === undefined ? 'what nobody knows here: put its price into "prices" of skein.config.json' : `${dollars(mostMoney)} if all of them were output`}`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'skein-model-check-'))
  const trials: Trial[] = []
  try {
    for (const job of jobs) {
      lines.line(jobLine(job))
      const trial = await tryJob(job, {
        folder: join(folder, job.name),
        signal,
        model,
        env: process.env,
        prices: config.prices,
      })
      trials.push(trial)
      for (const line of trialLines(trial)) lines.line(line)
    }
  } finally {
    if (values.keep) lines.line(`kept: ${folder}`)
    else await rm(folder, { recursive: true, force: true })
  }
  if (values.json) out.line(JSON.stringify({ model, mostTokens: most, mostNanoUsd: mostMoney, trials }))
  else for (const line of ['', ...table(TRIAL_HEAD, trials.map(trialRow), out)]) out.line(line)
  return trials.every(({ ok }) => ok) ? EXIT.ok : EXIT.unexpected
}

try {
  process.exitCode = await main()
} catch (error) {
  if (signal.aborted) err.line('stopped')
  else {
    if (process.argv.includes('--json')) out.line(JSON.stringify({ error: errorObject(error) }))
    showError(error, err)
  }
  process.exitCode = signal.aborted ? EXIT.interrupted : exitCodeFor(error)
}
