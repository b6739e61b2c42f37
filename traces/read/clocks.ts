/** The clocks that the spans of a trace were made by, and by how much they disagree. */
import { RESOURCE } from '../names.ts'
import type { Span } from '../span.ts'
import type { Causes } from './causes.ts'

/** Processes of one host share its clock. */
export const clockOf = ({ resource }: Span): string =>
  String(resource[RESOURCE.hostId] ?? resource[RESOURCE.serviceInstanceId] ?? resource[RESOURCE.serviceName])

/** Two clocks that count whole milliseconds disagree by up to this much, and no offset helps. */
const CLOCK_GRAIN_MS = 2

/**
 * By how many milliseconds to move each clock forward: the least offsets with which no span begins before a cause of
 * it on another clock, give or take the grain. Each cause is an edge between two clocks, and the offsets are longest
 * paths by Bellman and Ford. Where they do not settle, a clock was set during the run: then none is trusted more
 * than another, and all stay.
 */
export function clockOffsets(byId: ReadonlyMap<string, Span>, causes: Causes): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  /** For each pair of clocks the most that an effect seems to begin before its cause. */
  const lags = new Map<string, { cause: string; effect: string; ms: number }>()
  for (const span of byId.values()) {
    const effect = clockOf(span)
    offsets.set(effect, 0)
    for (const { span: origin, isDone } of causes.get(span) ?? []) {
      const cause = clockOf(origin)
      if (cause === effect) continue
      const ms = (isDone ? origin.endMs : origin.startMs) - span.startMs - CLOCK_GRAIN_MS
      const pair = JSON.stringify([cause, effect])
      if (ms > (lags.get(pair)?.ms ?? Number.NEGATIVE_INFINITY)) lags.set(pair, { cause, effect, ms })
    }
  }
  const tooEarly = () =>
    [...lags.values()].filter(({ cause, effect, ms }) => offsets.get(effect)! < offsets.get(cause)! + ms)
  for (let round = 1; round < offsets.size; round++) {
    for (const { cause, effect, ms } of tooEarly()) {
      offsets.set(effect, Math.max(offsets.get(effect)!, offsets.get(cause)! + ms))
    }
  }
  if (tooEarly().length > 0) for (const clock of offsets.keys()) offsets.set(clock, 0)
  return offsets
}
