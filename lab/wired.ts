/** The topology of a run: a name or a file, over the roles of the lab. */
import { type RoleName, roleName } from '../protocols/ids.ts'
import { readTopology } from '../src/topology/file.ts'
import { HUB_ROLE } from '../src/topology/shapes/star.ts'
import { isTopologyName, type Placement, type Topology, topologyNamed } from '../src/topology/topology.ts'

const STARTER = roleName('starter')
const WORKER = roleName('worker')
const CHECKER = roleName('checker')

/** Every role that a file may name. */
const KNOWN: readonly RoleName[] = [STARTER, WORKER, CHECKER, HUB_ROLE, roleName('solo')]

export type WiredOptions = {
  /** What the experiment calls it. */
  readonly topology: string
  /** The text of its file, where it is one. */
  readonly source?: string | undefined
  readonly placement: Placement
  /** Whether somebody looks at results who is not who holds the plan. */
  readonly isReviewed: boolean
  /** Of the graphs that are drawn. */
  readonly seed: number
}

/** @throws TopologyFileError where it is a file that says none */
export function wired({ topology, source, placement, isReviewed, seed }: WiredOptions): Topology {
  const roles = rolesUnder(topology, isReviewed)
  if (isTopologyName(topology)) return topologyNamed(topology, { placement, roles, seed })
  return { ...readTopology(source ?? '', { file: topology, roles, known: KNOWN }), placement }
}

function rolesUnder(topology: string, isReviewed: boolean): readonly RoleName[] {
  if (topology === 'star') return [HUB_ROLE, WORKER]
  if (topology === 'solo') return [roleName('solo')]
  return isReviewed ? [STARTER, WORKER, CHECKER] : [STARTER, WORKER]
}
