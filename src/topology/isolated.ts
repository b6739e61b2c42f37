/** Whom an overlay leaves alone: told before a run begins, since work for them would only come back, or wait. */
import { type PeerId, peerId, type RoleName } from '../../protocols/ids.ts'
import { graphOf } from './graph.ts'
import { inOrder, type Member } from './member.ts'
import { endsOf, type OverlayData } from './overlay.ts'
import { roleInName } from './view.ts'

/**
 * The roles of which no peer has a way to a peer of another role, nor another to it, with everybody there: the peers
 * of each role by the names that their processes take, and those that the overlay names.
 */
export function isolatedRoles(overlay: OverlayData, counts: ReadonlyMap<RoleName, number>): RoleName[] {
  if (counts.size < 2) return []
  const counted = [...counts].flatMap(([role, count]) =>
    Array.from(
      { length: Math.max(1, count) },
      (_, at): Member => ({ peer: peerId(`${role}-${at + 1}`), role }),
    ),
  )
  const named = endsOf(overlay).flatMap((end): Member[] => {
    const role = counts.has(end as RoleName) ? undefined : roleInName(end as PeerId)
    return role !== undefined && counts.has(role) ? [{ peer: peerId(end), role }] : []
  })
  const members = inOrder([...counted, ...named])
  const graph = graphOf(overlay, members)
  const hasWay = (from: Member, to: Member) => graph.distance(from.peer, to.peer) !== undefined
  const joined = new Set<RoleName>()
  for (const a of members) {
    if (joined.has(a.role)) continue
    const other = members.find((b) => b.role !== a.role && (hasWay(a, b) || hasWay(b, a)))
    if (other !== undefined) joined.add(a.role).add(other.role)
  }
  return [...counts.keys()].filter((role) => !joined.has(role))
}
