/**
 * `edges`: links as somebody wrote them down. An end that is a role stands for all its peers, so a join or a death
 * changes the links of that peer and no other.
 */
import { z } from 'zod'
import { ruled, type Shape } from '../adjacency.ts'
import { type End, endSchema, type Member } from '../member.ts'

export const edgesSchema = z.strictObject({
  kind: z.literal('edges'),
  edges: z.array(z.tuple([endSchema, endSchema])).min(1, 'there is no edge'),
  /** Whether an edge leads from its first end to its second only. An answer then needs a way of its own. */
  directed: z.boolean().default(false),
  /** Whether peers pass messages on for others. Where they do not, only direct edges may be used. */
  relay: z.boolean().default(true),
  /** Who holds the plan and hands work out, where somebody does: an end of an edge. */
  hub: endSchema.optional(),
})

export const edges =
  ({ edges, directed }: z.infer<typeof edgesSchema>): Shape =>
  (members) => {
    const after = new Map<End, Set<End>>()
    const lead = (from: End, to: End) => after.set(from, (after.get(from) ?? new Set()).add(to))
    for (const [a, b] of edges) {
      lead(a, b)
      if (!directed) lead(b, a)
    }
    const leads = (ends: Set<End> | undefined, to: Member) =>
      ends !== undefined && (ends.has(to.peer) || ends.has(to.role))
    return ruled(
      members,
      ({ peer, role }) => (after.has(peer) ? `peer ${peer}` : `role ${role}`),
      (from, to) => leads(after.get(from.peer), to) || leads(after.get(from.role), to),
    )
  }
