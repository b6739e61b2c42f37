/**
 * `ring`: each linked to the next in natural order, both ways, and the last to the first. A join or a death changes
 * the three links around it.
 */
import { z } from 'zod'
import { listed, type Pair, type Shape } from '../adjacency.ts'

export const ringSchema = z.strictObject({ kind: z.literal('ring') })

export const ring: Shape = ({ length }) => listed(length, chords(length, 1))

/** The links of a ring to whoever comes `apart` places later. */
export const chords = (size: number, apart: number): Pair[] =>
  Array.from({ length: size }, (_, number): Pair => [number, (number + apart) % size])
