/**
 * What a detector says: what was seen, why it matters, what to do, and the spans that show it. The names of MAST are
 * those of "Why Do Multi-Agent LLM Systems Fail?" (arXiv 2503.13657).
 */
import type { Story } from '../read/story.ts'
import type { TraceNode } from '../read/tree.ts'

/**
 * `error`: the run, or a part of it, came to grief over this. `warning`: something is wrong, though it may have gone
 * well. `note`: worth knowing, and dealt with.
 */
export type Severity = 'error' | 'warning' | 'note'

/** Modes of MAST that can be seen without reading what was said. */
export const MAST = {
  'FM-1.3': 'step repetition',
  'FM-1.5': 'unaware of termination conditions',
  'FM-2.5': "ignored other agent's input",
  'FM-3.1': 'premature termination',
  'FM-3.2': 'no or incomplete verification',
  'FM-3.3': 'incorrect verification',
} as const
export type MastMode = keyof typeof MAST

/** A finding as its detector gives it: once for one loop, one wait, one dead process, not for each step of it. */
export type Sighting = {
  readonly severity: Severity
  /** One sentence each, for people. */
  readonly seen: string
  readonly why: string
  readonly advice: string
  /** Of the story, in the order in which they are to be read; at least one. */
  readonly nodes: readonly TraceNode[]
  /** Other than the detector's. */
  readonly mast?: MastMode
}

/** Sees one kind of failure. Pure. */
export type Detector = {
  /** Stable: people filter by it. */
  readonly code: string
  /** Undefined where the taxonomy has no such mode. */
  readonly mast: MastMode | undefined
  detect(story: Story): readonly Sighting[]
}

/** A span that shows something. */
export type Cited = {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly peer: string
  /** Milliseconds since 1970, moved as all times of a story are: nothing precedes its cause. */
  readonly startMs: number
  readonly endMs: number
}

export type Finding = {
  readonly code: string
  readonly severity: Severity
  readonly mast: { readonly mode: MastMode; readonly name: string } | undefined
  readonly seen: string
  readonly why: string
  readonly advice: string
  /** When what it tells of began, and when it was over. */
  readonly startMs: number
  readonly endMs: number
  /** The first ones of those that show it. */
  readonly spans: readonly Cited[]
  /** Spans that show it, those that are left out of `spans` as well. */
  readonly spanCount: number
}
