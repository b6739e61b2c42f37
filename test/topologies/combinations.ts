/** The topologies and placements that are tried. */
import { join } from 'node:path'
import { CliError } from '../../cli/input/error.ts'
import { PLACEMENTS, type Placement, TOPOLOGY_NAMES } from '../../src/topology/topology.ts'
import { ROOT } from '../root.ts'
import type { Wired } from './wired-run.ts'

export type Combination = Required<Wired> & { readonly placement: Placement }

export const TWO_TEAMS = join(ROOT, 'examples/topologies/two-teams.yaml')

/** What all others are compared with. */
export const BASELINE: Combination = { topology: 'mesh', placement: 'anybody' }

export type Wish = {
  /** All of them, where none is named. */
  readonly topologies?: readonly string[] | undefined
  readonly placements?: readonly string[] | undefined
}

/** The baseline first. One peer that does all has nothing to place. @throws CliError `cli.placement` */
export function combinations({ topologies, placements }: Wish): readonly Combination[] {
  const wanted = topologies ?? [...TOPOLOGY_NAMES, TWO_TEAMS]
  const chosen = (placements ?? PLACEMENTS).map(placementNamed)
  const all = wanted.flatMap((topology) =>
    (topology === 'solo' ? [BASELINE.placement] : chosen).map((placement) => ({ topology, placement })),
  )
  return [BASELINE, ...all.filter((one) => !isBaseline(one))]
}

const isBaseline = ({ topology, placement }: Combination): boolean =>
  topology === BASELINE.topology && placement === BASELINE.placement

function placementNamed(name: string): Placement {
  const placement = PLACEMENTS.find((one) => one === name)
  if (placement !== undefined) return placement
  throw new CliError('placement', `there is no placement "${name}": there are ${PLACEMENTS.join(', ')}`)
}
