/**
 * Whether the example job completes under every topology and placement, with real processes, each on a server of its
 * own; or, with `--kill`, what killing one peer costs under a star and under a mesh. `--help` says how to call it. Exit
 * code 0 only if every check holds.
 */
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CliError } from '../../cli/input/error.ts'
import { stopOnSignals } from '../../cli/input/stop.ts'
import { showError } from '../../cli/show/error.ts'
import { table } from '../../cli/show/table.ts'
import { screen } from '../../cli/show/terminal.ts'
import { findBinary } from '../../src/embedded/binary.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { PLACEMENTS, TOPOLOGY_NAMES } from '../../src/topology/topology.ts'
import { combinations, TWO_TEAMS } from './combinations.ts'
import { COMPARED_HEAD, compare, comparedLine, comparedRow } from './comparison.ts'
import { compareKills, KILL_TOPOLOGIES, KILLS_HEAD, killsLine, killsRow } from './kills.ts'
import { topologyOf } from './wired-run.ts'

const WORKSPACE = 'examples/workspaces/textkit'
const INTERRUPTED = 130

const HELP = `npm run topologies -- [options]

  --topology NAME|FILE   only this one; may be given again  [${TOPOLOGY_NAMES.join(', ')}, ${relative('', TWO_TEAMS)}]
  --placement NAME       only this one; may be given again  [${PLACEMENTS.join(', ')}]
  --workspace PATH       what the job works on  [${WORKSPACE}]
  --kill                 instead, kill one peer in the middle of the job, under ${KILL_TOPOLOGIES.join(' and ')}
  --json                 print one JSON object at the end, and everything else to stderr

mesh with placement anybody always comes first: the others are compared with it.`

const [out, err] = [screen(process.stdout), screen(process.stderr)]
const clock = systemClock()
const { signal } = stopOnSignals()

/** @throws CliError `cli.usage` */
function readOptions() {
  try {
    return parseArgs({
      options: {
        topology: { type: 'string', multiple: true },
        placement: { type: 'string', multiple: true },
        workspace: { type: 'string', default: WORKSPACE },
        kill: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new CliError('usage', `${(cause as Error).message}: see --help`, { cause })
  }
}

/** @returns whether all checks hold */
async function main(): Promise<boolean> {
  const values = readOptions()
  if (values.help) {
    out.line(HELP)
    return true
  }
  const lines = values.json ? err : out
  const workspace = resolve(values.workspace)
  process.env.SKEIN_NATS_SERVER = await findBinary({
    ...{ env: process.env, clock, random: systemRandom(), progress: err.line, signal },
  })
  const show = <T extends { readonly breaches: readonly string[] }>(
    results: readonly T[],
    head: readonly string[],
    row: (one: T) => string[],
  ): boolean => {
    if (values.json) out.line(JSON.stringify({ workspace, results }, null, 2))
    else for (const line of ['', ...table(head, results.map(row), out)]) out.line(line)
    return results.every(({ breaches }) => breaches.length === 0)
  }
  if (values.kill) {
    const topologies = values.topology ?? KILL_TOPOLOGIES
    const other = topologies.find((name) => !KILL_TOPOLOGIES.some((known) => known === name))
    if (other !== undefined)
      throw new CliError(
        'topology',
        `nobody is killed under "${other}": there are ${KILL_TOPOLOGIES.join(', ')}`,
      )
    const tell = (one: Parameters<typeof killsLine>[0]) => lines.line(killsLine(one))
    const results = await compareKills({ workspace, topologies, tell, clock, signal })
    return show(results, KILLS_HEAD, killsRow)
  }
  const wanted = combinations({
    topologies: values.topology?.map((name) => (/[./\\]/.test(name) ? resolve(name) : name)),
    placements: values.placement,
  })
  for (const one of wanted) await topologyOf(one) // a slip of the finger is told before the first run
  const tell = (one: Parameters<typeof comparedLine>[0]) => lines.line(comparedLine(one))
  return show(await compare({ workspace, combinations: wanted, tell, signal }), COMPARED_HEAD, comparedRow)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  if (signal.aborted) err.line('stopped, and nothing of it is left')
  else showError(error, err)
  process.exitCode = signal.aborted ? INTERRUPTED : 1
}
