/**
 * `pipeline`: roles in a row; a peer talks to those of the stage before and of the stage after, both ways. Connected
 * while every stage has a peer. A join or a death changes the links of that peer and no other.
 */
import { z } from 'zod'
import { type RoleName, roleNameSchema } from '../../../protocols/ids.ts'
import { ruled, type Shape } from '../adjacency.ts'

export const pipelineSchema = z.strictObject({
  kind: z.literal('pipeline'),
  /** In the order in which work passes them. A role may come back: work returns to it. */
  stages: z.array(roleNameSchema).min(2, 'a pipeline has two stages or more'),
})

export const pipeline =
  (stages: readonly RoleName[]): Shape =>
  (members) => {
    const beside = new Map(
      stages.map((stage) => [
        stage,
        new Set(stages.filter((_, at) => stages[at - 1] === stage || stages[at + 1] === stage)),
      ]),
    )
    return ruled(
      members,
      ({ role }) => role,
      (from, to) => beside.get(from.role)?.has(to.role) ?? false,
    )
  }
