/** The spans of a run, read off its journal: complete whoever died, since a span that others name is in a record. */
import type { Span } from '../../traces/span.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { conversationSpan } from '../turn/spans.ts'

/** @param journal every commit of the run, oldest first. @param root the span of the run's record */
export function spansOfRun(journal: readonly ConversationRecord[], root: Span): Span[] {
  const spans = new Map<string, Span>([[root.spanId, root]])
  for (const span of journal.flatMap((record) => record.spans)) spans.set(span.spanId, span)
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  for (const record of latest.values()) {
    if (!record.trace.sampled || spans.has(record.trace.spanId)) continue
    // It never closed; what hangs below it shall be no orphan all the same.
    spans.set(record.trace.spanId, conversationSpan(record, record.spans[0]?.resource ?? {}))
  }
  return [...spans.values()]
}
