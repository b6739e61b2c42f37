/** What is looked for: words that must all be there, and `is:failed`, `is:takeover`. */
import type { SpanReader } from '../span-reader.ts'
import { sortOf } from '../span-sort.ts'

/** 1 for each span that holds all of it; undefined where nothing is looked for. */
export function matchesOf(query: string, spans: SpanReader): Uint8Array | undefined {
  const words = query.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return undefined
  const found = spans.find(words.filter((word) => !TESTS.has(word)))
  for (const word of words) {
    const passes = TESTS.get(word)
    if (passes === undefined) continue
    for (let at = 0; at < spans.count; at++) if (found[at] === 1 && !passes(at, spans)) found[at] = 0
  }
  return found
}

/** A map, since what is looked for may be called as what every object has: `constructor`, `valueOf`. */
const TESTS: ReadonlyMap<string, (at: number, spans: SpanReader) => boolean> = new Map([
  ['is:failed', (at: number, { failed }: SpanReader) => failed[at] === 1],
  ['is:takeover', (at: number, { textOf }: SpanReader) => sortOf(textOf('name', at)) === 'takeover'],
])
