/** `mesh`: everybody talks to everybody. A join or a death changes the links of that peer and no other. */
import { z } from 'zod'
import { ruled, type Shape } from '../adjacency.ts'

export const meshSchema = z.strictObject({ kind: z.literal('mesh') })

export const mesh: Shape = (members) =>
  ruled(
    members,
    () => 'peer',
    () => true,
  )
