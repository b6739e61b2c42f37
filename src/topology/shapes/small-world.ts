/**
 * `small-world`: a ring on which each also knows its nearest few, and some of these links lead far away instead
 * (Watts and Strogatz, "Collective dynamics of small-world networks", Nature 393, 1998). Unlike theirs it keeps the
 * ring itself, so it is connected. Which links are moved, and where to, follows from a hash of names, so a join or a
 * death changes the links around it, those that led to it, and hardly any other.
 */
import { z } from 'zod'
import { listed, type Pair, type Shape } from '../adjacency.ts'
import { combine, fraction, hashOf } from '../hash.ts'
import { chords } from './ring.ts'

export const smallWorldSchema = z.strictObject({
  kind: z.literal('small-world'),
  /** Links of each before any is moved: half of them to each side. */
  neighbours: z.number().int().min(2).max(1000).multipleOf(2).default(4),
  /** The share of links, besides the ring, that are moved. */
  rewire: z.number().min(0).max(1).default(0.1),
  seed: z.number().int().default(1),
})

export const smallWorld =
  ({ neighbours, rewire, seed }: z.infer<typeof smallWorldSchema>): Shape =>
  (members) => {
    const size = members.length
    const names = members.map(({ peer }) => hashOf(peer))
    const apart = Array.from({ length: neighbours / 2 }, (_, at) => at + 1).filter((step) => step * 2 <= size)
    const lattice = apart.flatMap((step) => (step * 2 === size ? halved(size) : chords(size, step)))
    const linked = new Set(lattice.map((pair) => keyOf(pair, size)))
    const pairs = lattice.map((pair, at): Pair => {
      const [from, to] = pair
      const link = combine(combine(names[from]!, names[to]!), seed)
      if (at < size || fraction(link) >= rewire) return pair
      const far = best(names, link, (other) => other !== from && !linked.has(keyOf([from, other], size)))
      if (far === undefined) return pair
      linked.delete(keyOf(pair, size))
      linked.add(keyOf([from, far], size))
      return [from, far]
    })
    return listed(size, pairs)
  }

/** Across an even ring, where either end would count the link once more. */
const halved = (size: number): Pair[] => chords(size, size / 2).slice(0, size / 2)

const keyOf = ([a, b]: Pair, size: number): number => Math.min(a, b) * size + Math.max(a, b)

/** The one of the highest hash: another is chosen only where a higher one joins, or this one leaves. */
function best(
  names: readonly number[],
  link: number,
  isFree: (other: number) => boolean,
): number | undefined {
  let chosen: number | undefined
  let highest = -1
  for (const [other, name] of names.entries()) {
    const score = combine(link, name)
    if (score <= highest || !isFree(other)) continue
    highest = score
    chosen = other
  }
  return chosen
}
