/**
 * What went wrong in a run, as far as its spans show it without a word of what was said. A finding is something to look
 * at, with the spans to look at; it is no proof.
 */
import { peerOf } from '../read/detail.ts'
import type { Story } from '../read/story.ts'
import type { TraceNode } from '../read/tree.ts'
import { cycleOfWaits } from './cycle-of-waits.ts'
import { failedVerification } from './failed-verification.ts'
import { type Cited, type Detector, type Finding, MAST, type Severity } from './finding.ts'
import { ignoredInput } from './ignored-input.ts'
import { noVerification } from './no-verification.ts'
import { peerDied } from './peer-died.ts'
import { pingPong } from './ping-pong.ts'
import { prematureEnd } from './premature-end.ts'
import { quotaStarvation } from './quota-starvation.ts'
import { repeatedSteps } from './repeated-steps.ts'
import { unawareOfTermination } from './unaware-of-termination.ts'
import { unclaimedTask } from './unclaimed-task.ts'

/** All there are. */
export const DETECTORS: readonly Detector[] = [
  repeatedSteps,
  pingPong,
  unawareOfTermination,
  ignoredInput,
  noVerification,
  failedVerification,
  prematureEnd,
  unclaimedTask,
  cycleOfWaits,
  peerDied,
  quotaStarvation,
]

/** Spans that a finding names: more are counted. A loop of hundreds is seen in a dozen. */
const CITED = 12

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/**
 * Worst first, and of the same severity the earliest first.
 * @example
 * const findings = diagnose(storyOf(traceTree(spans)))
 * findings.filter(({ severity }) => severity !== 'note').map(({ code, seen }) => `${code}: ${seen}`)
 */
export function diagnose(story: Story, detectors: readonly Detector[] = DETECTORS): readonly Finding[] {
  return detectors
    .flatMap((detector) => findingsOf(detector, story))
    .sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.startMs - b.startMs)
}

const findingsOf = ({ code, mast, detect }: Detector, story: Story): Finding[] =>
  detect(story).map(({ nodes, mast: own, severity, seen, why, advice }) => {
    const mode = own ?? mast
    const distinct = [...new Set(nodes)]
    return {
      ...{ code, severity, mast: mode && { mode, name: MAST[mode] }, seen, why, advice },
      startMs: distinct.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY),
      endMs: distinct.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY),
      spans: distinct.slice(0, CITED).map(cited),
      spanCount: distinct.length,
    }
  })

const cited = ({ span, startMs, endMs }: TraceNode): Cited => ({
  ...{ traceId: span.traceId, spanId: span.spanId, name: span.name, peer: peerOf(span) },
  ...{ startMs, endMs },
})
