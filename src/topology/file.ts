/**
 * A topology from a file that somebody wrote, YAML or JSON. What is wrong with it is said with line and column, all of
 * it at once.
 *
 * @example
 * ```yaml
 * name: two-teams        # optional, else what the file is called
 * edges:                 # roles or peers; a role stands for all of its peers
 *   - [planner, researcher]
 *   - [planner, coder]
 *   - [coder, reviewer]
 * directed: false        # optional: whether an edge leads one way only
 * relay: true            # optional: whether peers pass messages on for others
 * placement: hash        # optional: anybody, auction, blackboard, hash, hub
 * ```
 * `hub: supervisor` beside the edges names who says whose each piece of work is; a supervisor also holds the plan and
 * reads the results. Instead of edges, a shape:
 * ```yaml
 * overlay: { kind: small-world, neighbours: 6, rewire: 0.2 }
 * ```
 */
import { basename, extname } from 'node:path'
import { z } from 'zod'
import { type RoleName, roleNameSchema } from '../../protocols/ids.ts'
import { namesAmong } from './file-names.ts'
import { problemsOf } from './file-problems.ts'
import { type Path, readText, TopologyFileError } from './file-text.ts'
import { endSchema } from './member.ts'
import { OVERLAY_KINDS, type OverlayData, overlayKeys, overlaySchema } from './overlay.ts'
import { edgesSchema } from './shapes/edges.ts'
import { HUB_ROLE } from './shapes/star.ts'
import { PLACEMENTS, placementOf, type Topology, topologySchema, wiringOf } from './topology.ts'

const fileSchema = z
  .strictObject({
    name: topologySchema.shape.name.optional(),
    edges: edgesSchema.shape.edges.optional(),
    overlay: overlaySchema.optional(),
    directed: z.boolean().optional(),
    relay: z.boolean().optional(),
    hub: endSchema.optional(),
    placement: z.enum(PLACEMENTS).optional(),
    roles: z.array(roleNameSchema).min(1).optional(),
  })
  .superRefine(({ edges, overlay, ...others }, context) => {
    const complain = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (edges === undefined && overlay === undefined) complain([], 'there is neither edges nor overlay')
    if (overlay === undefined) return
    if (edges !== undefined) complain(['overlay'], 'there are edges and an overlay: leave one of them out')
    for (const key of ['directed', 'relay', 'hub'] as const) {
      if (others[key] !== undefined && edges === undefined) {
        complain([key], `${key} belongs to edges: an overlay says it itself, where it can`)
      }
    }
  })

export { TopologyFileError } from './file-text.ts'

export type TopologyFileOptions = {
  /** What the file is called, for its errors and as a name. */
  readonly file: string
  /** The roles of the job: those of the overlay, where the file names none. */
  readonly roles: readonly RoleName[]
  /** All roles that a file may name; without it, those of the job. */
  readonly known?: readonly RoleName[]
}

/**
 * The topology that the text of a file says. Its roles are those that it lists, or those that its edges name, or those
 * of the job; the role of its hub is among them.
 * @throws TopologyFileError `topology.file`, with a line for each problem
 */
export function readTopology(source: string, { file, roles, known = roles }: TopologyFileOptions): Topology {
  const text = readText(source, file)
  const parsed = fileSchema.safeParse(text.value)
  if (!parsed.success) {
    const words = { kinds: OVERLAY_KINDS, allowedKeys: (path: Path) => allowedKeys(path, text.value) }
    throw new TopologyFileError(file, problemsOf(parsed.error, text, words), { cause: parsed.error })
  }
  const { name, edges, overlay, directed, relay, hub, placement, roles: listed = [] } = parsed.data
  const shape = overlay ?? overlaySchema.parse({ kind: 'edges', edges, directed, relay, hub })
  const within = overlay === undefined ? [] : ['overlay']
  const names = namesAmong([...new Set([...known, ...roles, HUB_ROLE])])
  const named = names.of(shape, within)
  const ofRoles = listed.map((end, at) => ({ path: ['roles', at], end, mustBeRole: true }))
  const problems = [
    ...names.problemsOf([...ofRoles, ...named], text),
    ...names.problemsOfEdges(shape, within, text),
  ]
  if (problems.length > 0) throw new TopologyFileError(file, problems)

  const own = named.flatMap(({ end }) => names.roleOf(end) ?? [])
  const theirs = listed.length > 0 ? listed : shape.kind === 'edges' ? [] : roles
  return {
    name: name ?? basename(file, extname(file)),
    overlay: rooted(shape, theirs),
    wiring: wiringOf(shape),
    placement: placement ?? placementOf(shape),
    roles: [...new Set([...theirs, ...own])],
  }
}

/** A tree grows from the first role unless the file says from where. */
const rooted = (overlay: OverlayData, [first]: readonly RoleName[]): OverlayData =>
  overlay.kind === 'tree' && overlay.root === undefined && first !== undefined
    ? { ...overlay, root: first }
    : overlay

function allowedKeys(path: Path, value: unknown): readonly string[] {
  if (path.length === 0) return Object.keys(fileSchema.shape)
  return overlayKeys((value as { overlay?: { kind?: unknown } }).overlay?.kind)
}
