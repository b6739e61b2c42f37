/**
 * Kills anything, with real processes: `npm run chaos`, or `npm run chaos -- kills|model|server|cluster`, with `--seed`
 * to draw the same moments again and `--json`. Exit code 0 only if every check holds.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findBinary } from '../src/embedded/binary.ts'
import { seededRandom, systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { ChaosError } from './errors.ts'
import { fly } from './flight.ts'
import { FLIGHTS } from './flights.ts'
import type { Result } from './inquest.ts'
import type { Plan } from './plan.ts'
import { findingsOf, jsonOf, tableOf } from './report.ts'

const LIMIT_MS = 300_000
const HELP = `npm run chaos -- [flight ...] [options]

  flights         ${FLIGHTS.map(({ name }) => name).join(', ')}  [all of them]
  --seed NUMBER   the moments at which things happen  [by chance; it is printed]
  --json          the results as one JSON object`

const clock = systemClock()
const stop = new AbortController()
const { signal } = stop
const tell = (text: string) => process.stderr.write(`${text}\n`)
const startedAt = clock.now()
const say = (text: string) => tell(`${((clock.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`)

async function flyAll(plans: readonly Plan[], seed: number, folder: string): Promise<readonly Result[]> {
  const random = systemRandom()
  const binary = await findBinary({ env: process.env, clock, random, progress: say, signal })
  const stage = { folder, binary, clock, random: seededRandom(seed), say, signal }
  const results: Result[] = []
  for (const plan of plans) {
    say(`${plan.name} …`)
    const result = await fly(stage, plan)
    for (const finding of findingsOf(result)) tell(finding)
    results.push(result)
  }
  return results
}

/** @throws ChaosError `chaos.argument` */
function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    throw new ChaosError('argument', `${(cause as Error).message}: see --help`, { cause })
  }
}

function plansOf(names: readonly string[]): readonly Plan[] {
  const known = FLIGHTS.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new ChaosError('argument', `there is no flight "${unknown}": there are ${known.join(', ')}`)
  return names.length === 0 ? FLIGHTS : FLIGHTS.filter(({ name }) => names.includes(name))
}

function seedOf(text: string | undefined): number {
  const seed = text === undefined ? Math.floor(systemRandom().next() * 2 ** 32) : Number(text)
  if (Number.isSafeInteger(seed)) return seed
  throw new ChaosError('argument', `"${text}" is no seed: give a whole number`)
}

const stopped = new Promise<never>((_, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
})
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new ChaosError('stopped', `stopped by ${name}`)))
}
const late = `not done after ${LIMIT_MS / 1_000} s: the machine is too busy, or a run hangs`
const limit = clock.setTimer(LIMIT_MS, () => stop.abort(new ChaosError('late', late)))
let folder: string | undefined
try {
  const { values, positionals } = readOptions()
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    process.exit()
  }
  const plans = plansOf(positionals)
  const seed = seedOf(values.seed)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-chaos-')))
  tell(`seed ${seed}`)
  const results = await Promise.race([flyAll(plans, seed, folder), stopped])
  limit.cancel()
  const holds = results.every(({ findings }) => findings.length === 0)
  if (holds) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  else tell(`logs and stores are kept in "${folder}"; the same moments again: --seed ${seed}`)
  process.stdout.write(`${values.json ? jsonOf(seed, results) : tableOf(results)}\n`)
  process.exitCode = holds ? 0 : 1
} catch (error) {
  tell(error instanceof ChaosError ? error.message : String((error as Error).stack))
  if (folder !== undefined) tell(`logs and stores are kept in "${folder}"`)
  process.exit(1) // what was under way may still wait for something; what was started ends with this process
}
