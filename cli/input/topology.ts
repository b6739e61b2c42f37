/** The topology that a command line or a config names: one of those that need no file, or a file. */
import { readFile } from 'node:fs/promises'
import type { Argv } from 'yargs'
import { type RoleName, roleName } from '../../protocols/ids.ts'
import { readTopology } from '../../src/topology/file.ts'
import {
  isTopologyName,
  PLACEMENTS,
  type Placement,
  TOPOLOGY_NAMES,
  type Topology,
  topologyNamed,
} from '../../src/topology/topology.ts'
import { CliError } from './error.ts'

/** Who does a job alone. */
const SOLO = roleName('solo')

export const topologyOptions = <Options>(yargs: Argv<Options>) =>
  yargs
    .option('topology', {
      type: 'string',
      requiresArg: true,
      describe: `how the peers are wired: ${TOPOLOGY_NAMES.join(', ')}, or a file with edges  [default: mesh]`,
    })
    .option('placement', {
      choices: PLACEMENTS,
      describe: 'how work finds its peer  [default: hub where the topology has one, else anybody]',
    })

export type TopologyWish = {
  readonly topology?: string | undefined
  readonly placement?: Placement | undefined
}

/**
 * @param roles those of the job, in the order of the work
 * @param known all that a file may name
 * @throws CliError `cli.topology`; TopologyFileError, InvalidError `invalid.topology`
 */
export async function wishedTopology(
  { topology = 'mesh', placement }: TopologyWish,
  roles: readonly RoleName[],
  known: readonly RoleName[],
): Promise<Topology> {
  const chosen = placement === undefined ? {} : { placement }
  if (topology === 'solo') return topologyNamed(topology, { ...chosen, roles: [SOLO] })
  if (isTopologyName(topology)) return topologyNamed(topology, { ...chosen, roles })
  const source = await readFile(topology, 'utf8').catch((cause) => {
    throw new CliError(
      'topology',
      `"${topology}" is no topology, and no file that can be read: use one of ${TOPOLOGY_NAMES.join(', ')}, or the path of a YAML or JSON file`,
      { cause },
    )
  })
  const read = (roles: readonly RoleName[]) => readTopology(source, { file: topology, roles, known })
  const among = read(roles)
  return { ...(among.wiring === 'solo' ? read([SOLO]) : among), ...chosen }
}
