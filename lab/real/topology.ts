/** The topology of a real run: a name or a file, over the roles of the coding job. */
import { actors, ROLES_BY_WIRING } from '../../actors/coding.ts'
import { roleName } from '../../protocols/ids.ts'
import { readTopology } from '../../src/topology/file.ts'
import { isTopologyName, type Topology, topologyNamed } from '../../src/topology/topology.ts'
import type { RealCell } from '../experiment.ts'

const PEERS = Object.keys(actors).map(roleName)
const ALONE = Object.keys(ROLES_BY_WIRING.solo).map(roleName)

/** Every role that a file may name. */
const KNOWN = [...new Set(Object.values(ROLES_BY_WIRING).flatMap(Object.keys))].map(roleName)

/**
 * @param seed of the graphs that are drawn
 * @throws TopologyFileError where it is a file that says none
 */
export function realTopology(
  { topology, placement, source }: Pick<RealCell, 'topology' | 'placement' | 'source'>,
  seed: number,
): Topology {
  if (isTopologyName(topology))
    return topologyNamed(topology, { placement, seed, roles: topology === 'solo' ? ALONE : PEERS })
  return {
    ...readTopology(source ?? '', { file: topology, roles: PEERS, known: KNOWN }),
    placement,
  }
}
