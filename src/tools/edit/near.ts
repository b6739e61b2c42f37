/** The places of a file that look most like a text that does not stand in it: for whoever has to look again. */
import { squeezed, trimmedLines } from './places.ts'

export type NearPlace = {
  readonly fromLine: number
  readonly toLine: number
  /** Whether each line of it is as it was expected, but for whitespace. */
  readonly lines: readonly { readonly number: number; readonly text: string; readonly expected?: string }[]
  /** 0 for nothing in common to 1. */
  readonly likeness: number
}

/** Below this a place has next to nothing in common with what was looked for. */
const LEAST_LIKENESS = 0.5
/** Comparisons of two lines, each of which takes time that grows with both: of more, only equal lines are counted. */
const COMPARISONS = 200_000

/** The best first, no two of them overlapping. */
export function nearPlaces(text: string, wanted: string, limit: number): NearPlace[] {
  const lines = text.split('\n')
  const asked = trimmedLines(wanted)
  if (asked.length === 0 || asked.length > lines.length) return []
  const like = lines.length * asked.length > COMPARISONS ? same : likenessOfLines()
  const [squeezedLines, squeezedAsked] = [lines.map(squeezed), asked.map(squeezed)]
  const found: { at: number; likeness: number }[] = []
  for (let at = 0; at + asked.length <= lines.length; at++) {
    const sum = squeezedAsked.reduce(
      (total, line, index) => total + like(line, squeezedLines[at + index]!),
      0,
    )
    const likeness = sum / asked.length
    if (likeness >= LEAST_LIKENESS) found.push({ at, likeness })
  }
  const best: typeof found = []
  for (const place of found.sort((a, b) => b.likeness - a.likeness || a.at - b.at)) {
    if (best.length === limit) break
    if (best.every(({ at }) => Math.abs(at - place.at) >= asked.length)) best.push(place)
  }
  return best.map(({ at, likeness }) => ({
    fromLine: at + 1,
    toLine: at + asked.length,
    likeness,
    lines: asked.map((expected, index) => ({
      number: at + index + 1,
      text: lines[at + index]!,
      ...(expected.trimEnd() !== lines[at + index]!.trimEnd() && { expected }),
    })),
  }))
}

const same = (a: string, b: string): number => (a === b ? 1 : 0)

/** Pairs of letters that both have, of all that they have: the coefficient of Dice (1945). */
function likenessOfLines(): (a: string, b: string) => number {
  const known = new Map<string, ReadonlyMap<string, number>>()
  const pairsOf = (line: string): ReadonlyMap<string, number> => {
    const before = known.get(line)
    if (before !== undefined) return before
    const pairs = new Map<string, number>()
    for (let at = 0; at + 1 < line.length; at++) {
      const pair = line.slice(at, at + 2)
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }
    known.set(line, pairs)
    return pairs
  }
  return (a, b) => {
    if (a === b) return 1
    const total = a.length + b.length - 2
    if (a.length < 2 || b.length < 2) return 0
    const [pairs, others] = [pairsOf(a), pairsOf(b)]
    let shared = 0
    for (const [pair, count] of pairs) shared += Math.min(count, others.get(pair) ?? 0)
    return (2 * shared) / total
  }
}
