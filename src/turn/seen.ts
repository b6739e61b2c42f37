/**
 * Which messages a conversation has taken: for each sender the highest number without a gap, and the exceptions
 * above it, so that it stays small (T1).
 */
import { z } from 'zod'
import { type MessageId, partsOf } from '../../protocols/ids.ts'

export const seenSchema = z.record(
  z.string(),
  z.object({ upTo: z.number().int().min(0), above: z.array(z.number().int().positive()) }),
)
export type Seen = z.infer<typeof seenSchema>

export function hasSeen(seen: Seen, id: MessageId): boolean {
  const { from, number } = partsOf(id)
  const entry = seen[from]
  return entry !== undefined && (number <= entry.upTo || entry.above.includes(number))
}

export function withSeen(seen: Seen, id: MessageId): Seen {
  const { from, number } = partsOf(id)
  const entry = seen[from] ?? { upTo: 0, above: [] }
  if (number <= entry.upTo || entry.above.includes(number)) return seen
  const above = new Set([...entry.above, number])
  let upTo = entry.upTo
  while (above.delete(upTo + 1)) upTo++
  return { ...seen, [from]: { upTo, above: [...above].sort((a, b) => a - b) } }
}
