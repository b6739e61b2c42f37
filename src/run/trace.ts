/** The spans of a run, read off its journal: complete whoever died, since a span that others name is in a record. */
import type { Span } from '../../traces/span.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { conversationSpan } from '../turn/conversation-spans.ts'

/** @param journal every commit of the run, oldest first. @param root the span of the run's record */
export function spansOfRun(journal: readonly ConversationRecord[], root: Span): Span[] {
  const spans = new Map<string, Span>([[root.spanId, root]])
  for (const span of [...journal.flatMap((record) => record.spans), ...openSpans(journal)])
    spans.set(span.spanId, span)
  return [...spans.values()]
}

/**
 * The spans of conversations that never closed, which no commit holds: what hangs below them shall be no orphan.
 * @param journal every commit of the run, oldest first
 */
export function openSpans(journal: readonly ConversationRecord[]): Span[] {
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  const resourceOf = ({ conversation }: ConversationRecord) =>
    journal.find((record) => record.conversation === conversation && record.spans.length > 0)?.spans[0]
      ?.resource ?? {}
  return [...latest.values()]
    .filter((record) => record.trace.sampled && record.phase === 'open')
    .map((record) => conversationSpan(record, resourceOf(record)))
}
