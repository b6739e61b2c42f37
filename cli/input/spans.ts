/**
 * The spans of one run for commands that look at it: from its file when it is over, from the bus while it is under
 * way, from Jaeger, or from a file that anybody wrote.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import type { RunId } from '../../protocols/ids.ts'
import { FlockError } from '../../src/flock/errors.ts'
import { findBus } from '../../src/flock/open-bus.ts'
import { readReport } from '../../src/flock/run-report.ts'
import { runFolder } from '../../src/flock/state-folder.ts'
import { readRun } from '../../src/run/run-record.ts'
import { spansOfRun } from '../../src/run/trace.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { decodeRecord, runPrefix } from '../../src/turn/record.ts'
import { readTraceFile } from '../../traces/file.ts'
import { spansFromJaeger } from '../../traces/jaeger.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import { loadTraces } from '../../traces/read/load.ts'
import type { Span } from '../../traces/span.ts'
import { screen } from '../show/terminal.ts'
import { CliError } from './error.ts'
import { jaegerUrl } from './jaeger.ts'
import { newestRun } from './newest-run.ts'
import { parseRun } from './run-id.ts'
import { commonOptions, type Settings } from './settings.ts'

/** What a command takes that looks at the spans of a run. */
export const spanOptions = <T>(yargs: Argv<T>) =>
  commonOptions(yargs)
    .positional('run', {
      type: 'string',
      describe: 'its id; with --jaeger or --file also a trace id of 32 hex digits  [default: the newest]',
    })
    .option('jaeger', {
      type: 'string',
      describe: 'read it from Jaeger, by the address of its page  [SKEIN_JAEGER; http://127.0.0.1:16686]',
    })
    .option('file', {
      type: 'string',
      normalize: true,
      requiresArg: true,
      describe: 'read it from a file of OTLP JSON',
    })
    .conflicts('jaeger', 'file')

export type SpanSource = {
  readonly run?: string | undefined
  readonly jaeger?: string | undefined
  readonly file?: string | undefined
}

/** @throws FlockError `flock.no-run`, `flock.not-traced`; CliError `cli.file`; JaegerError; InvalidError */
export async function readSpans(source: SpanSource, settings: Settings): Promise<readonly Span[]> {
  if (source.file !== undefined) return fromFile(source.file, source.run)
  if (source.jaeger !== undefined) {
    const traceId = traceIn(source.run ?? (await newestRun(settings)))
    const url = jaegerUrl(source.jaeger, settings.env)
    return spansFromJaeger({ url, traceId, timers: systemClock() })
  }
  if (source.run !== undefined && TRACE_ID.test(source.run)) {
    throw new CliError(
      'run',
      `"${source.run}" is a trace id: say with --jaeger or --file where that trace is, or give the id of a run`,
    )
  }
  const run = source.run === undefined ? await newestRun(settings) : parseRun(source.run)
  return (await filed(settings, run)) ?? (await underWay(settings, run))
}

const TRACE_ID = /^[0-9a-f]{32}$/i

/** The trace that is meant: by its own id, or by that of its run. */
const traceIn = (text: string): string =>
  TRACE_ID.test(text) ? text.toLowerCase() : traceIdOf(parseRun(text))

/** All of it unless one run is named: a file is mostly of one. */
async function fromFile(path: string, run: string | undefined): Promise<readonly Span[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new CliError('file', `"${path}" cannot be read: ${cause.message}`, { cause })
  })
  const { spans } = loadTraces(text, path)
  if (spans.length === 0) throw new CliError('file', `"${path}" holds no spans`)
  if (run === undefined) return spans
  const traceId = traceIn(run)
  const found = spans.filter((span) => span.traceId === traceId)
  if (found.length > 0) return found
  const others = [...new Set(spans.map((span) => span.traceId))].join(', ')
  throw new CliError('file', `"${path}" has no trace ${traceId}, which is that of "${run}": it has ${others}`)
}

async function filed({ stateDir }: Settings, run: RunId): Promise<readonly Span[] | undefined> {
  const file = join(runFolder(stateDir, run), 'trace.jsonl')
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined) return (await readTraceFile(file)).spans
  const report = await readReport(stateDir, run).catch(() => undefined)
  if (report?.trace !== null) return undefined
  throw notTraced(run)
}

const notTraced = (run: RunId) =>
  new FlockError(
    'not-traced',
    `run "${run}" was not traced: OTEL_TRACES_SAMPLER decided so; run again without it`,
  )

const noSuchRun = ({ stateDir }: Settings, run: RunId, cause?: unknown) =>
  new FlockError('no-run', `there is no run "${run}", neither in "${stateDir}" nor on a bus`, { cause })

async function underWay(settings: Settings, run: RunId): Promise<readonly Span[]> {
  const { bus, leave } = await findBus({ ...settings, say: screen(process.stderr).line }).catch((cause) => {
    if (cause instanceof FlockError && cause.code === 'flock.no-server') throw noSuchRun(settings, run, cause)
    throw cause
  })
  try {
    const found = await readRun(bus.records, run)
    if (found === undefined) throw noSuchRun(settings, run)
    if (!found.record.sampled) throw notTraced(run)
    const journal = await bus.records.history(runPrefix(run))
    return spansOfRun(
      journal.map(({ value }) => decodeRecord(value)),
      found.record,
    )
  } finally {
    await leave()
  }
}
