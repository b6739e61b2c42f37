/**
 * What typing, tracing and durability cost: skein and the bare NATS client do the same on one private server, in one
 * run, side by side; what tracing costs; what a conversation costs that does nothing; and what it takes to read a large
 * trace. `npm run bench`, `npm run bench -- tracing`, `npm run bench -- turns starts --json`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { natsBus } from '../src/bus/nats/bus.ts'
import { natsInfo } from '../src/bus/nats/server.ts'
import { type EmbeddedNats, embeddedNats } from '../src/embedded/embedded.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { openCourt } from './bare-court.ts'
import { bareSide } from './bare-side.ts'
import { startChild } from './child.ts'
import { conditionsWith } from './conditions.ts'
import { type Contest, hold, type Result } from './contest.ts'
import { HITS, messageContests, startContests } from './contests.ts'
import { BenchError } from './errors.ts'
import { type IdleResult, measureIdle } from './idle/measure.ts'
import { KINDS } from './idle/roles.ts'
import type { RallyTask } from './other-process.ts'
import { jsonOf, type Report, tablesOf } from './report.ts'
import { measureSizes } from './sizes.ts'
import { skeinSide } from './skein-side.ts'
import { createStarts } from './starts.ts'
import { measureReading, type ReadingResult } from './traces/reading.ts'
import { measureTracing } from './tracing/measure.ts'

const PARTS = ['turns', 'starts', 'tracing', 'idle', 'reading'] as const
type Part = (typeof PARTS)[number]
/** Each part keeps to a budget of its own and is over well before. */
const LIMIT_MS = 120_000
const HELP = `npm run bench -- [part ...] [options]

  parts    ${PARTS.join(', ')}  [all of them]
  --json   the numbers as one JSON object`

type Place = { readonly server: EmbeddedNats; readonly folder: string }

const clock = systemClock()
const stop = new AbortController()
const say = (text: string) => process.stderr.write(`${text}\n`)

async function bench(parts: readonly Part[]): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const options = { env: process.env, clock, random: systemRandom(), progress: say, signal: stop.signal }
  try {
    const server = await embeddedNats({ stateDir: folder, ...options })
    try {
      return await Promise.race([measure(parts, { server, folder }), stopped()])
    } finally {
      await server.leave()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(parts: readonly Part[], place: Place): Promise<Report> {
  const { version } = await natsInfo(place.server)
  const when = <Measured>(part: Part, work: (place: Place) => Promise<Measured[]>) =>
    parts.includes(part) ? inTime(part, () => work(place)) : []
  const contests = [...(await when('turns', turns)), ...(await when('starts', starts))]
  const tracing = await when('tracing', ({ server }) => measureTracing(server, say))
  return {
    ...{ conditions: conditionsWith(version), contests, tracing },
    ...{ idle: await when('idle', idle), reading: await when('reading', reading) },
  }
}

async function inTime<Measured>(part: Part, work: () => Promise<Measured>): Promise<Measured> {
  const late = () =>
    stop.abort(stopError(`${part} not done after ${LIMIT_MS / 1_000} s: the machine is too busy`))
  const limit = clock.setTimer(LIMIT_MS, late)
  try {
    return await work()
  } finally {
    limit.cancel()
  }
}

async function turns({ server: { url, token } }: Place): Promise<Result[]> {
  const server = { url, token }
  const sizes = await measureSizes(HITS)
  const court = await openCourt(server)
  const bus = await natsBus(server)
  const task: RallyTask = { server, sizes }
  const other = await startChild(new URL('other-process.js', import.meta.url), task)
  const sides = [await skeinSide(bus), await bareSide(court, sizes)] as const
  const results = await Promise.race([holdAll(messageContests(...sides)), other.died])
  for (const side of sides) await side.leave()
  await other.leave()
  await bus.close()
  return results
}

const starts = async ({ folder }: Place): Promise<Result[]> =>
  holdAll(startContests(await createStarts(folder, stop.signal)))

async function idle({ server: { url, token } }: Place): Promise<IdleResult[]> {
  const results: IdleResult[] = []
  for (const kind of KINDS) {
    say(`measuring idle conversations, ${kind} …`)
    results.push(await measureIdle(kind, { url, token }))
  }
  return results
}

async function reading({ folder }: Place): Promise<ReadingResult[]> {
  say('measuring the reading of a large trace …')
  return [await measureReading(folder)]
}

async function holdAll(contests: readonly Contest[]): Promise<Result[]> {
  const results: Result[] = []
  for (const contest of contests) {
    say(`measuring ${contest.name} …`)
    results.push(await hold(contest))
  }
  return results
}

const stopError = (why: string) => new BenchError('stopped', why)

const stopped = () =>
  new Promise<never>((_, reject) => {
    const fail = () => reject(stop.signal.reason)
    stop.signal.addEventListener('abort', fail, { once: true })
  })

/** @throws BenchError `bench.argument` */
function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (cause) {
    throw new BenchError('argument', `${(cause as Error).message}: see --help`, { cause })
  }
}

function partsOf(named: readonly string[]): readonly Part[] {
  const stranger = named.find((name) => !PARTS.some((part) => part === name))
  if (stranger !== undefined)
    throw new BenchError('part', `there is no "${stranger}" to measure: name any of ${PARTS.join(', ')}`)
  return named.length === 0 ? PARTS : PARTS.filter((part) => named.includes(part))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(stopError(`stopped by ${signal}`)))
}
try {
  const { values, positionals } = readOptions()
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    process.exit()
  }
  const report = await bench(partsOf(positionals))
  process.stdout.write(`${(values.json ? jsonOf : tablesOf)(report)}\n`)
} catch (error) {
  say(error instanceof BenchError ? error.message : String((error as Error).stack))
  process.exit(1) // what was under way may still wait for something
}
