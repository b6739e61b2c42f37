/**
 * Who is linked to whom, by number: members are numbered in natural order, so that the lower number comes first
 * wherever two would do. Shapes make these, a graph searches them.
 */
import type { Member } from './member.ts'

export interface Adjacency {
  /** Ascending. Members with the same links may share one list, and then it may hold the member itself. */
  of(member: number): readonly number[]
  has(from: number, to: number): boolean
}

/** What a shape is: links between members, which come in natural order. */
export type Shape = (members: readonly Member[]) => Adjacency

export type Pair = readonly [from: number, to: number]

/** Links listed one by one, each both ways. */
export function listed(size: number, pairs: Iterable<Pair>): Adjacency {
  const sets = Array.from({ length: size }, () => new Set<number>())
  for (const [a, b] of pairs) {
    if (a === b) continue
    sets[a]!.add(b)
    sets[b]!.add(a)
  }
  const lists = sets.map((set) => [...set].sort((a, b) => a - b))
  return { of: (member) => lists[member] ?? [], has: (from, to) => sets[from]?.has(to) ?? false }
}

/**
 * Links that follow from their two ends. A list is made when it is asked for, once for all members of a kind: a mesh of
 * a thousand has one list and not half a million links.
 * @param kindOf members of one kind have the same links
 */
export function ruled(
  members: readonly Member[],
  kindOf: (member: Member) => string,
  links: (from: Member, to: Member) => boolean,
): Adjacency {
  const lists = new Map<string, readonly number[]>()
  const all = members.map((_, number) => number)
  return {
    of(number) {
      const member = members[number]!
      const kind = kindOf(member)
      const known = lists.get(kind)
      if (known !== undefined) return known
      const list = all.filter((other) => links(member, members[other]!))
      lists.set(kind, list)
      return list
    },
    has: (from, to) => from !== to && links(members[from]!, members[to]!),
  }
}
