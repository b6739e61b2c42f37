/**
 * `star`: the supervisor pattern. Leaves talk to a hub and reach each other through it, in two hops; while no hub is
 * there, nobody reaches anybody. Hubs, where a role has several, are linked as well.
 */
import { z } from 'zod'
import { roleName } from '../../../protocols/ids.ts'
import { ruled, type Shape } from '../adjacency.ts'
import { type End, endSchema, isAt } from '../member.ts'

export const HUB_ROLE = roleName('supervisor')

export const starSchema = z.strictObject({
  kind: z.literal('star'),
  /** A peer, or a role of which every peer is a hub. */
  hub: endSchema.default(HUB_ROLE),
})

export const star =
  (hub: End): Shape =>
  (members) =>
    ruled(
      members,
      (member) => (isAt(hub, member) ? 'hub' : 'leaf'),
      (from, to) => isAt(hub, from) || isAt(hub, to),
    )
