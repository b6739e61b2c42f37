/** The topology of a run: a name or a file, over the roles of the lab. */

import { type RoleName, roleName } from '../protocols/ids.ts'
import { readTopology } from '../src/topology/file.ts'
import { HUB_ROLE } from '../src/topology/shapes/star.ts'
import { isTopologyName, type Placement, type Topology, topologyNamed } from '../src/topology/topology.ts'
import { stageRole } from './agents/worker.ts'

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
  /** Stages of the job, where it is a pipeline. */
  readonly stages: number
  /** Whether somebody looks at results who is not who holds the plan. */
  readonly isReviewed: boolean
  /** Of the graphs that are drawn. */
  readonly seed: number
}

/** @throws TopologyFileError where it is a file that says none */
export function wired({ topology, source, placement, stages, isReviewed, seed }: WiredOptions): Topology {
  const roles = rolesUnder(topology, stages, isReviewed)
  if (isTopologyName(topology)) return topologyNamed(topology, { placement, roles, seed })
  return {
    ...readTopology(source ?? '', { file: topology, roles, known: [...new Set([...KNOWN, ...roles])] }),
    placement,
  }
}

function rolesUnder(topology: string, stages: number, isReviewed: boolean): readonly RoleName[] {
  if (topology === 'star') return [HUB_ROLE, WORKER]
  if (topology === 'solo') return [roleName('solo')]
  const workers =
    stages === 0 ? [WORKER] : Array.from({ length: stages }, (_, index) => roleName(stageRole(index + 1)))
  return [STARTER, ...workers, ...(isReviewed ? [CHECKER] : [])]
}
