/** Who makes up an overlay, and the order that shapes take them in. */
import { z } from 'zod'
import { type PeerId, peerIdSchema, type RoleName, roleNameSchema } from '../../protocols/ids.ts'

export type Member = { readonly peer: PeerId; readonly role: RoleName }

/** One peer by its name, or a role, which stands for all of its peers. */
export const endSchema = z.union([peerIdSchema, roleNameSchema])
export type End = z.infer<typeof endSchema>

/** Whether `end` stands for this member. */
export const isAt = (end: End, { peer, role }: Member): boolean => end === peer || end === role

/** Each peer once, in natural order: whoever lists the same peers gets the same graph. */
export function inOrder(members: readonly Member[]): readonly Member[] {
  const once = new Map(members.map((member) => [member.peer, member]))
  return [...once.values()].sort((a, b) => naturalOrder(a.peer, b.peer))
}

/** `researcher-2` before `researcher-10`; names that differ in leading zeros only, as text. */
export function naturalOrder(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const [left, right] = [digitsAt(a, i), digitsAt(b, j)]
      const [x, y] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
      if (x !== y) return x.length - y.length || (x < y ? -1 : 1)
      i += left.length
      j += right.length
    } else {
      const difference = a.charCodeAt(i++) - b.charCodeAt(j++)
      if (difference !== 0) return difference
    }
  }
  return a.length - i - (b.length - j) || (a < b ? -1 : a > b ? 1 : 0)
}

const isDigit = (text: string, at: number): boolean => text[at]! >= '0' && text[at]! <= '9'

function digitsAt(text: string, from: number): string {
  let to = from
  while (to < text.length && isDigit(text, to)) to++
  return text.slice(from, to)
}
