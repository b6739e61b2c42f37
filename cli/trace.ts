/** `skein trace`: a run as a tree of spans. From its file when it is over, from the bus while it is under way. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunId } from '../protocols/ids.ts'
import { FlockError } from '../src/flock/errors.ts'
import { liveRuns } from '../src/flock/live-runs.ts'
import { findBus } from '../src/flock/open-bus.ts'
import { filedRuns, readReport } from '../src/flock/run-report.ts'
import { runFolder } from '../src/flock/state-folder.ts'
import { readRun } from '../src/run/run-record.ts'
import { spansOfRun } from '../src/run/trace.ts'
import { decodeRecord, runPrefix } from '../src/turn/record.ts'
import { readTraceFile } from '../traces/file.ts'
import { toOtlp } from '../traces/otlp.ts'
import { traceTree } from '../traces/read/tree.ts'
import { waterfall } from '../traces/read/waterfall.ts'
import type { Span } from '../traces/span.ts'
import { parseRun } from './apply.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { commonOptions, readSettings, type Settings } from './input/settings.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('run', { type: 'string', describe: 'its id  [default: the newest]' })
      .option('all', { type: 'boolean', describe: 'every span, however deep and however many' })
      .option('json', { type: 'boolean', describe: 'print OTLP JSON, which Jaeger opens' }),
  async (given) => {
    const settings = await readSettings(given)
    const run = given.run === undefined ? await newest(settings) : parseRun(given.run)
    const spans = (await filed(settings, run)) ?? (await underWay(settings, run))
    const { width, color } = screen(process.stdout)
    const text = given.json
      ? `${JSON.stringify(toOtlp(spans))}\n`
      : waterfall(traceTree(spans), { width: width(), color, all: given.all === true })
    process.stdout.write(text)
    return EXIT.ok
  },
)

async function newest(settings: Settings): Promise<RunId> {
  const live = await runsUnderWay(settings).catch(() => []) // without a server there are none
  const run = live.sort().at(-1) ?? (await filedRuns(settings.stateDir))[0]
  if (run !== undefined) return run
  throw new FlockError('no-run', `there is no run in "${settings.stateDir}" yet: "skein run" makes one`)
}

/** Of those that are live; one that still gathers its peers has nothing to show. */
async function runsUnderWay(settings: Settings): Promise<RunId[]> {
  const { bus, leave } = await findBus({ ...settings, say: () => {} })
  try {
    const found = await Promise.all((await liveRuns(bus)).map((run) => readRun(bus.records, run)))
    return found.flatMap((one) => one?.record.run ?? [])
  } finally {
    await leave()
  }
}

async function filed({ stateDir }: Settings, run: RunId): Promise<Span[] | undefined> {
  const file = join(runFolder(stateDir, run), 'trace.jsonl')
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined) return (await readTraceFile(file)).spans
  const report = await readReport(stateDir, run).catch(() => undefined)
  if (report?.trace !== null) return undefined
  throw new FlockError(
    'not-traced',
    `run "${run}" was not traced: OTEL_TRACES_SAMPLER was "always_off"; run again without it`,
  )
}

const noSuchRun = ({ stateDir }: Settings, run: RunId, cause?: unknown) =>
  new FlockError('no-run', `there is no run "${run}", neither in "${stateDir}" nor on a bus`, { cause })

async function underWay(settings: Settings, run: RunId): Promise<Span[]> {
  const { bus, leave } = await findBus({ ...settings, say: screen(process.stderr).line }).catch((cause) => {
    if (cause instanceof FlockError && cause.code === 'flock.no-server') throw noSuchRun(settings, run, cause)
    throw cause
  })
  try {
    const found = await readRun(bus.records, run)
    if (found === undefined) throw noSuchRun(settings, run)
    const journal = await bus.records.history(runPrefix(run))
    return spansOfRun(
      journal.map(({ value }) => decodeRecord(value)),
      found.record,
    )
  } finally {
    await leave()
  }
}
