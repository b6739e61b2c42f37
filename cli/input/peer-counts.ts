/** How many peers of each role, as people write it: `researcher=3,coder=2`. */
import { CliError } from './error.ts'

/** A role of more peers than this is a slip of the finger. */
const LIMIT = 64

/** @throws CliError `cli.peers` */
export function parsePeerCounts(text: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const part of text.split(',').filter((part) => part.trim() !== '')) {
    const [, role, digits] = /^\s*([a-z0-9][a-z0-9_-]*)\s*=\s*(\d+)\s*$/.exec(part) ?? []
    const count = Number(digits)
    if (role === undefined || count > LIMIT) {
      throw new CliError(
        'peers',
        `"${part.trim()}" is no number of peers: write it like researcher=3,coder=2, each at most ${LIMIT}`,
      )
    }
    counts[role] = count
  }
  return counts
}
