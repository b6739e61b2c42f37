/** Who looks for a pattern in files on this machine's disk, line by line. */
import type { Clock } from '../../time/clock.ts'
import type { Pattern } from './pattern.ts'

export type Hit = {
  /** Counted from 1. */
  readonly line: number
  /** Of the first match in it: characters of the line that come before. */
  readonly column: number
}

export type SearchRequest = {
  readonly pattern: Pattern
  /** Absolute paths of files of UTF-8 text, none of them a link. */
  readonly files: readonly string[]
  /** Lines after which it may end: there are more than anybody reads. */
  readonly maxHits: number
  /** For the search as a whole. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The lines of each file that has any, in their order. */
export type Hits = ReadonlyMap<string, readonly Hit[]>

export interface SearchEngine {
  readonly name: 'ripgrep' | 'javascript'
  /**
   * `unable` where this engine cannot: it is not installed, or does not take the pattern. Another one may.
   * @throws ToolError `tool.slow-search` at the deadline; the signal's reason
   */
  search(request: SearchRequest): Promise<Hits | 'unable'>
}
