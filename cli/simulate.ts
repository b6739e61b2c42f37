/** `skein simulate`: the coding job in many worlds, each from a seed, and whether the invariants hold in all of them. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { type Figures, NO_FIGURES, withSimulation } from '../src/simulation/figures.ts'
import type { SimulatedFlock } from '../src/simulation/flock.ts'
import { PROFILES } from '../src/simulation/profile.ts'
import { type Shrunk, shrink } from '../src/simulation/shrink.ts'
import { type Simulation, simulate } from '../src/simulation/world.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { parsePeerCounts } from './input/peer-counts.ts'
import type { Parsed } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { showBreach, showFigures, simulationProgress } from './show/simulation.ts'
import { screen } from './show/terminal.ts'
import { SIMULATED_PEERS, simulatedJob } from './simulated-job.ts'

const WORKSPACE = 'examples/workspaces/textkit'
const SEEDS = 100
/** Runs that finding the smallest schedule may take. */
const SHRINKING = 200
/** Seeds that are drawn stay short enough to be typed. */
const FRESH_SEEDS = 1_000_000_000

const options = (yargs: Argv) =>
  yargs
    .option('seeds', { type: 'number', requiresArg: true, describe: `how many worlds  [default: ${SEEDS}]` })
    .option('seed', { type: 'number', requiresArg: true, describe: 'only the world of this seed' })
    .option('first', { type: 'number', requiresArg: true, describe: 'the first seed  [default: 1]' })
    .option('fresh', { type: 'boolean', describe: 'begin with a seed that is drawn' })
    .option('workspace', {
      alias: 'w',
      type: 'string',
      normalize: true,
      requiresArg: true,
      describe: `directory to work on  [default: ${WORKSPACE}]`,
    })
    .option('peers', {
      type: 'string',
      requiresArg: true,
      describe: 'peers of each role  [default: planner=1,researcher=1,coder=2,reviewer=1]',
    })
    .option('faults', {
      choices: Object.keys(PROFILES) as (keyof typeof PROFILES)[],
      default: 'storm' as const,
      describe: 'how bad the worlds are',
    })
    .option('only', {
      type: 'string',
      requiresArg: true,
      describe: 'only these faults of the seed strike, by their ids: a,b,c',
    })
    .option('json', { type: 'boolean', describe: 'print one JSON object at the end, and no progress' })

export default command(options, async (given) => {
  const [out, err] = [screen(process.stdout), screen(process.stderr)]
  const clock = systemClock()
  const seeds = seedsOf(given)
  const workspace = await directory(given.workspace ?? WORKSPACE)
  const peers = { ...SIMULATED_PEERS, ...(given.peers !== undefined && parsePeerCounts(given.peers)) }
  const stop = stopOnSignals()
  const scratch = await mkdtemp(join(tmpdir(), 'skein-simulation-'))
  const progress = simulationProgress(given.json ? undefined : err, seeds.length)
  try {
    progress.say(`the job once where nothing goes wrong, on ${workspace}`)
    const flock = await simulatedJob({ workspace, scratch, peers })
    progress.say(`seeds ${seeds[0]} to ${seeds.at(-1)}, faults: ${given.faults}`)
    const world = worldOf(flock, given)
    let figures: Figures = NO_FIGURES
    let broken: Broken | undefined
    for (const seed of seeds) {
      if (stop.signal.aborted) break
      const startedAt = clock.now()
      const run = await world(seed)
      const outcome = run.output === undefined ? 'none' : flock.outcomeOf(run.output)
      figures = withSimulation(figures, run, clock.now() - startedAt, outcome)
      progress.done(figures)
      if (run.breach === undefined) continue
      progress.say(`seed ${seed} breaks ${run.breach.invariant}: looking for the smallest schedule that does`)
      const tries = {
        tries: SHRINKING,
        signal: stop.signal,
        simulate: (only: ReadonlySet<string>) => world(seed, only),
      }
      broken = { seed, shrunk: await shrink(run, tries) }
      break
    }
    progress.end()
    const repeat = broken && commandFor(broken, given)
    if (given.json) out.line(JSON.stringify({ seeds: [seeds[0], seeds.at(-1)], figures, broken, repeat }))
    else {
      showFigures(figures, out)
      if (broken !== undefined) showBreach(broken.seed, broken.shrunk, repeat!, out)
    }
    if (broken !== undefined) return EXIT.unexpected
    return stop.by() === 'SIGINT' ? EXIT.interrupted : EXIT.ok
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
})

type Given = Parsed<typeof options>
type Broken = { readonly seed: number; readonly shrunk: Shrunk }

function seedsOf({ seed, seeds = SEEDS, first, fresh }: Given): readonly number[] {
  if (seed !== undefined) return [seed]
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new CliError('seeds', 'the number of seeds must be 1 or more')
  const from = first ?? (fresh ? Math.floor(systemRandom().next() * FRESH_SEEDS) : 1)
  return Array.from({ length: seeds }, (_, index) => from + index)
}

function worldOf(flock: SimulatedFlock, { faults, only }: Given) {
  const chosen: ReadonlySet<string> | undefined = only === undefined ? undefined : new Set(only.split(','))
  return (seed: number, among = chosen): Promise<Simulation> =>
    simulate({ seed, flock, profile: PROFILES[faults], only: among })
}

/** What repeats the smallest run that was found. */
function commandFor({ seed, shrunk }: Broken, { workspace, peers, faults }: Given): string {
  const ids = shrunk.faults.map(({ id }) => id).join(',')
  return [
    `skein simulate --seed ${seed}`,
    ids === '' ? '--faults none' : `--faults ${faults} --only ${ids}`,
    ...(workspace === undefined ? [] : [`--workspace ${JSON.stringify(workspace)}`]),
    ...(peers === undefined ? [] : [`--peers ${peers}`]),
  ].join(' ')
}

async function directory(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return path
  throw new CliError('workspace', `the workspace "${path}" is no directory: name one with --workspace`)
}
