/**
 * What typing, tracing and durability cost: skein and the bare NATS client do the same on one private server, in one
 * run, side by side. `npm run bench`, and `npm run bench -- --json`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { natsBus } from '../src/bus/nats/bus.ts'
import { type EmbeddedNats, embeddedNats } from '../src/embedded/embedded.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { openCourt } from './bare-court.ts'
import { bareSide } from './bare-side.ts'
import { conditionsWith } from './conditions.ts'
import { type Contest, hold, type Result } from './contest.ts'
import { HITS, messageContests, startContests } from './contests.ts'
import { BenchError } from './errors.ts'
import { jsonOf, tableOf } from './report.ts'
import { measureSizes } from './sizes.ts'
import { skeinSide } from './skein-side.ts'
import { startOther } from './start-other.ts'
import { createStarts } from './starts.ts'

/** The contests keep to budgets of their own and are over well before. */
const LIMIT_MS = 60_000

const { values: given } = parseArgs({ options: { json: { type: 'boolean' } } })
const clock = systemClock()
const stop = new AbortController()
const say = (text: string) => process.stderr.write(`${text}\n`)

async function bench(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const options = { env: process.env, clock, random: systemRandom(), progress: say, signal: stop.signal }
  try {
    const server = await embeddedNats({ stateDir: folder, ...options })
    try {
      return await Promise.race([measure(server, folder), stopped()])
    } finally {
      await server.leave()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(server: EmbeddedNats, folder: string): Promise<string> {
  const { url, token } = server
  const sizes = await measureSizes(HITS)
  const court = await openCourt({ url, token })
  const conditions = conditionsWith(court.nats.info!.version)
  const bus = await natsBus({ url, token })
  const other = await startOther({ server: { url, token }, sizes })
  const sides = [await skeinSide(bus), await bareSide(court, sizes)] as const
  const messages = await Promise.race([holdAll(messageContests(...sides)), other.died])
  for (const side of sides) await side.leave()
  await other.leave()
  await bus.close()
  const starts = await holdAll(startContests(await createStarts(folder, stop.signal)))
  return (given.json ? jsonOf : tableOf)([...messages, ...starts], conditions)
}

async function holdAll(contests: readonly Contest[]): Promise<Result[]> {
  const results: Result[] = []
  for (const contest of contests) {
    say(`measuring ${contest.name} …`)
    results.push(await hold(contest))
  }
  return results
}

const stopped = () =>
  new Promise<never>((_, reject) => {
    const fail = () => reject(stop.signal.reason)
    stop.signal.addEventListener('abort', fail, { once: true })
  })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new BenchError('stopped', `stopped by ${signal}`)))
}
const late = () =>
  stop.abort(new BenchError('stopped', `not done after ${LIMIT_MS / 1_000} s: the machine is too busy`))
const limit = clock.setTimer(LIMIT_MS, late)
try {
  process.stdout.write(`${await bench()}\n`)
  limit.cancel()
} catch (error) {
  say(error instanceof BenchError ? error.message : String((error as Error).stack))
  process.exit(1) // what was under way may still wait for something
}
