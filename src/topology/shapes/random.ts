/**
 * `random`: any two are linked with the same probability (Erdős and Rényi, "On random graphs", 1959), by a hash of
 * their names and the seed. What falls apart is chained together, part by part, so it is connected. A join or a death
 * changes the links of that peer, and of others only about as many as keep the mean degree.
 */
import { z } from 'zod'
import { type Adjacency, listed, type Pair, type Shape } from '../adjacency.ts'
import { combine, fraction, hashOf } from '../hash.ts'

export const randomSchema = z.strictObject({
  kind: z.literal('random'),
  /** Links of each on average, before parts are chained. */
  degree: z.number().positive().max(1000).default(4),
  seed: z.number().int().default(1),
})

export const random =
  ({ degree, seed }: z.infer<typeof randomSchema>): Shape =>
  (members) => {
    const size = members.length
    const names = members.map(({ peer }) => combine(seed, hashOf(peer)))
    const pairs: Pair[] = []
    for (let a = 0; a < size; a++) {
      for (let b = a + 1; b < size; b++) {
        if (fraction(combine(names[a]!, names[b]!)) * (size - 1) < degree) pairs.push([a, b])
      }
    }
    const first = firstOfParts(size, listed(size, pairs))
    return listed(size, [...pairs, ...first.slice(1).map((part, at): Pair => [first[at]!, part])])
  }

/** The first member of each part that hangs together. */
function firstOfParts(size: number, links: Adjacency): number[] {
  const seen = new Uint8Array(size)
  const first: number[] = []
  for (let member = 0; member < size; member++) {
    if (seen[member]) continue
    first.push(member)
    seen[member] = 1
    const reached = [member]
    for (const from of reached) {
      for (const to of links.of(from)) {
        if (seen[to]) continue
        seen[to] = 1
        reached.push(to)
      }
    }
  }
  return first
}
