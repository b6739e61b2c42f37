/**
 * The spans of a run, read off its journal: complete whoever died, since a span that others name is in a record.
 *
 * A collector hears of most of them from whoever committed them. Whoever announces the end of the run hands over the
 * rest: the run's own two spans, those of conversations that never closed, and what a killed process may have taken
 * with it.
 */
import { GENERAL, LINK, runOverName, SKEIN } from '../../traces/names.ts'
import { spanIdOf } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import { conversationSpan } from '../turn/conversation-spans.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { RunRecord } from './run-record.ts'

type Over = Pick<
  RunRecord,
  'run' | 'root' | 'sampled' | 'outcome' | 'reason' | 'endedAt' | 'writtenOff' | 'announced'
>

/** @param journal every commit of the run, oldest first */
export function spansOfRun(journal: readonly ConversationRecord[], run: Over): Span[] {
  const over = overSpan(run)
  const spans = new Map<string, Span>([[run.root.spanId, run.root]])
  for (const span of [...journal.flatMap((record) => record.spans), ...openSpans(journal)])
    spans.set(span.spanId, span)
  if (over !== undefined) spans.set(over.spanId, over)
  return [...spans.values()]
}

/** The announcement that a run is over, by whoever made it; undefined where nobody did, or the run is not traced. */
export function overSpan(over: Over): Span | undefined {
  const { run, root, sampled, outcome, reason, endedAt, writtenOff, announced } = over
  if (!sampled || outcome === null || endedAt === null) return undefined
  const link = (spanId: string, why: string) => ({
    ...{ traceId: root.traceId, spanId },
    attributes: { [SKEIN.link]: why },
  })
  const isBad = outcome === 'failed' || outcome === 'exhausted' || outcome === 'unsatisfied'
  return {
    traceId: root.traceId,
    spanId: spanIdOf(`${run}:over`),
    parentSpanId: root.spanId,
    name: runOverName(outcome),
    kind: 'internal',
    startMs: endedAt,
    endMs: endedAt,
    attributes: {
      [SKEIN.run]: run,
      [SKEIN.outcome]: outcome,
      ...(reason !== null && { [SKEIN.reason]: reason }),
      ...(writtenOff !== null && { [SKEIN.writtenOff]: writtenOff }),
      ...(isBad && { [GENERAL.errorType]: outcome }),
    },
    links: [
      link(root.spanId, LINK.beginning),
      ...(announced?.after ? [link(announced.after, LINK.last)] : []),
    ],
    ...(isBad && { status: { code: 'error', ...(reason !== null && { message: reason }) } }),
    resource: announced?.resource ?? root.resource,
  }
}

/**
 * The spans of conversations that never closed, which no commit holds: what hangs below them shall be no orphan.
 * @param journal every commit of the run, oldest first
 */
export function openSpans(journal: readonly ConversationRecord[]): Span[] {
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  const resources = new Map<string, Span['resource']>()
  for (const { conversation, spans } of journal)
    if (spans[0] !== undefined && !resources.has(conversation)) resources.set(conversation, spans[0].resource)
  return [...latest.values()]
    .filter((record) => record.trace.sampled && record.phase === 'open')
    .map((record) => conversationSpan(record, resources.get(record.conversation) ?? {}))
}

/** How long a process may have had spans in hand before it handed them over, in milliseconds: batches, and a slow collector. */
const IN_HAND_MS = 5_000

/**
 * Spans that a process which is gone may not have handed over: of its last seconds, whoever was taken over from; of
 * anybody else's only those that others hang from, since nobody knows yet who died just now. A collector that has them
 * gets a copy.
 * @param journal every commit of the run, oldest first
 */
export function owedSpans(journal: readonly ConversationRecord[]): Span[] {
  const last = new Map<string, number>()
  const gone = new Set<string>()
  const before = new Map<string, string>()
  const parents = new Set<string | undefined>()
  for (const { conversation, by, at, took, spans } of journal) {
    const process = processOf(by)
    last.set(process, Math.max(at, last.get(process) ?? 0))
    const previous = before.get(conversation)
    if (took.event === 'takeover' && previous !== undefined && previous !== process) gone.add(previous)
    before.set(conversation, process)
    for (const { parentSpanId } of spans) parents.add(parentSpanId)
  }
  const late = journal.filter(({ by, at }) => at >= last.get(processOf(by))! - IN_HAND_MS)
  return late.flatMap(({ by, spans }) =>
    gone.has(processOf(by)) ? spans : spans.filter(({ spanId }) => parents.has(spanId)),
  )
}

const processOf = ({ host, pid }: ConversationRecord['by']): string => `${host}/${pid}`
