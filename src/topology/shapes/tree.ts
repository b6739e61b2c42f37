/**
 * `tree`: each below one, with at most `degree` below it. Members are taken level by level, the root first, the others
 * in natural order. A death moves everybody who comes later up by one place, so most links below it change.
 */
import { z } from 'zod'
import { listed, type Pair, type Shape } from '../adjacency.ts'
import { endSchema, isAt } from '../member.ts'

export const treeSchema = z.strictObject({
  kind: z.literal('tree'),
  /** How many hang below one. */
  degree: z.number().int().min(1).max(1000).default(2),
  /** Whose first peer is the root: a role, or a peer. Where there is none of it, the first of all. */
  root: endSchema.optional(),
})

export const tree =
  ({ degree, root }: z.infer<typeof treeSchema>): Shape =>
  (members) => {
    const top = Math.max(
      0,
      members.findIndex((member) => root !== undefined && isAt(root, member)),
    )
    const numbers = members.map((_, number) => number)
    const levels = [top, ...numbers.filter((number) => number !== top)].slice(0, members.length)
    const pairs = levels.slice(1).map((number, at): Pair => [levels[Math.floor(at / degree)]!, number])
    return listed(members.length, pairs)
  }
