/**
 * A topology as it stands in the record of a run: who may talk to whom (overlay), who stands between the goal and the
 * work (wiring), and which peer takes a piece of work (placement). Plain JSON. Agents do not know which one they run
 * in.
 */
import { z } from 'zod'
import { assertNever } from '../../protocols/errors.ts'
import { type RoleName, roleName, roleNameSchema } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { hubOf, type OverlayData, overlaySchema } from './overlay.ts'
import { HUB_ROLE } from './shapes/star.ts'

/**
 * Which peer takes a piece of work: `anybody` of the role (whoever reads first), the best bid of an `auction`, whoever
 * claims it on the `blackboard`, the one that a `hash` of its conversation picks, or whom the `hub` hands it to.
 */
export const PLACEMENTS = ['anybody', 'auction', 'blackboard', 'hash', 'hub'] as const
export type Placement = (typeof PLACEMENTS)[number]

/** `peers`: results go to whoever needs them. `hub`: to the hub, which hands out all work. `solo`: one does it all. */
export const WIRINGS = ['peers', 'hub', 'solo'] as const
export type Wiring = (typeof WIRINGS)[number]

export const topologySchema = z.object({
  name: z.string().min(1).max(100),
  overlay: overlaySchema,
  wiring: z.enum(WIRINGS),
  placement: z.enum(PLACEMENTS),
  /** The roles whose peers make up the overlay; none named means all. */
  roles: z.array(roleNameSchema),
})
export type Topology = z.infer<typeof topologySchema>

/** What a run without a topology in its record has. */
export const MESH: Topology = {
  name: 'mesh',
  overlay: { kind: 'mesh' },
  wiring: 'peers',
  placement: 'anybody',
  roles: [],
}

/** The topologies that need no file. */
export const TOPOLOGY_NAMES = [
  'mesh',
  'star',
  'solo',
  'pipeline',
  'ring',
  'tree',
  'small-world',
  'random',
] as const
export type TopologyName = (typeof TOPOLOGY_NAMES)[number]

export const isTopologyName = (name: string): name is TopologyName =>
  (TOPOLOGY_NAMES as readonly string[]).includes(name)

export type TopologyChoice = {
  /** Without it: `hub` under `star`, else `anybody`. */
  readonly placement?: Placement
  /** In the order of the work: the stages of a pipeline; the first is the root of a tree. */
  readonly roles: readonly string[]
  /** Of `small-world` and `random`. Without it 1. */
  readonly seed?: number
}

/**
 * A built-in topology. The role of the hub joins the roles of a `star` where it is not among them.
 * @throws InvalidError `invalid.topology` where the roles are too few for it
 */
export function topologyNamed(name: TopologyName, { placement, seed, ...choice }: TopologyChoice): Topology {
  const roles = choice.roles.map(roleName)
  const overlay = parseAs(overlaySchema, overlayNamed(name, roles, seed), 'topology', `the topology ${name}`)
  return {
    name,
    overlay,
    wiring: wiringOf(overlay),
    placement: placement ?? placementOf(overlay),
    roles: [...new Set(name === 'star' ? [HUB_ROLE, ...roles] : roles)],
  }
}

/** What an overlay means for who reads the results: a hub does, where it is one that can. */
export function wiringOf(overlay: OverlayData): Wiring {
  if (overlay.kind === 'solo') return 'solo'
  const hub = hubOf(overlay)
  return hub === HUB_ROLE || hub?.startsWith(`${HUB_ROLE}-`) ? 'hub' : 'peers'
}

/** A hub also says who does what, unless somebody chose otherwise. */
export const placementOf = (overlay: OverlayData): Placement =>
  hubOf(overlay) === undefined ? 'anybody' : 'hub'

function overlayNamed(
  name: TopologyName,
  roles: readonly RoleName[],
  seed: number | undefined,
): z.input<typeof overlaySchema> {
  switch (name) {
    case 'mesh':
    case 'star':
    case 'solo':
    case 'ring':
      return { kind: name }
    case 'pipeline':
      return { kind: name, stages: [...roles] }
    case 'tree':
      return { kind: name, root: roles[0] }
    case 'small-world':
    case 'random':
      return { kind: name, seed }
    default:
      return assertNever(name)
  }
}
