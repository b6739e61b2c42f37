/** The overlay of a topology as data: which shape, and what it takes. Its graph over a view of peers is `graphOf`. */
import { z } from 'zod'
import { assertNever } from '../../protocols/errors.ts'
import type { Shape } from './adjacency.ts'
import type { End } from './member.ts'
import { edges, edgesSchema } from './shapes/edges.ts'
import { mesh, meshSchema } from './shapes/mesh.ts'
import { pipeline, pipelineSchema } from './shapes/pipeline.ts'
import { random, randomSchema } from './shapes/random.ts'
import { ring, ringSchema } from './shapes/ring.ts'
import { smallWorld, smallWorldSchema } from './shapes/small-world.ts'
import { solo, soloSchema } from './shapes/solo.ts'
import { star, starSchema } from './shapes/star.ts'
import { tree, treeSchema } from './shapes/tree.ts'

export const overlaySchema = z.discriminatedUnion('kind', [
  meshSchema,
  starSchema,
  soloSchema,
  pipelineSchema,
  ringSchema,
  treeSchema,
  smallWorldSchema,
  randomSchema,
  edgesSchema,
])
export type OverlayData = z.infer<typeof overlaySchema>

export const OVERLAY_KINDS: readonly OverlayData['kind'][] = overlaySchema.options.map(
  ({ shape }) => shape.kind.value,
)

/** What may be said of an overlay of this kind; nothing where there is no such kind. */
export const overlayKeys = (kind: unknown): readonly string[] =>
  overlaySchema.options.flatMap(({ shape }) => (shape.kind.value === kind ? Object.keys(shape) : []))

export function shapeOf(overlay: OverlayData): Shape {
  switch (overlay.kind) {
    case 'mesh':
      return mesh
    case 'star':
      return star(overlay.hub)
    case 'solo':
      return solo
    case 'pipeline':
      return pipeline(overlay.stages)
    case 'ring':
      return ring
    case 'tree':
      return tree(overlay)
    case 'small-world':
      return smallWorld(overlay)
    case 'random':
      return random(overlay)
    case 'edges':
      return edges(overlay)
    default:
      return assertNever(overlay)
  }
}

/**
 * Whether a link depends on its two ends only, and not on who else is there. Only then may a receiver refuse an edge as
 * forbidden: otherwise the sender may have seen another view, in which it was one.
 */
export function isFixed({ kind }: OverlayData): boolean {
  switch (kind) {
    case 'mesh':
    case 'star':
    case 'solo':
    case 'pipeline':
    case 'edges':
      return true
    case 'ring':
    case 'tree':
    case 'small-world':
    case 'random':
      return false
    default:
      return assertNever(kind)
  }
}

/** Whether peers pass messages on for others. */
export const relays = (overlay: OverlayData): boolean => overlay.kind !== 'edges' || overlay.relay

/** Who holds the plan and hands work out, where somebody does: a role, or a peer. */
export const hubOf = (overlay: OverlayData): End | undefined =>
  overlay.kind === 'star' || overlay.kind === 'edges' ? overlay.hub : undefined

/** Roles and peers that an overlay names, in no order that matters. */
export function endsOf(overlay: OverlayData): readonly End[] {
  switch (overlay.kind) {
    case 'edges':
      return overlay.edges.flat()
    case 'star':
      return [overlay.hub]
    case 'tree':
      return overlay.root === undefined ? [] : [overlay.root]
    default:
      return []
  }
}
