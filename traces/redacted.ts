/**
 * A span without secrets. What stands in it are names, ids and numbers, and two texts that anybody may have written: why
 * something failed, as its status and as its reason. Prompts and answers, where somebody asked for them, are redacted
 * where they are made (`src/role/content.ts`).
 */
import { SKEIN } from './names.ts'
import type { Span, SpanSink } from './span.ts'

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

export function redactedSpan(span: Span, redact: Redact): Span {
  const reason = span.attributes[SKEIN.reason]
  const message = span.status?.message
  const isTold = typeof reason === 'string'
  if (message === undefined && !isTold) return span
  return {
    ...span,
    ...(isTold && { attributes: { ...span.attributes, [SKEIN.reason]: redact(reason) } }),
    ...(message !== undefined && { status: { ...span.status!, message: redact(message) } }),
  }
}

/** A sink that hands spans on without them. */
export const redactedSink = (sink: SpanSink, redact: Redact): SpanSink => ({
  ...sink,
  emit: (spans) => sink.emit(spans.map((span) => redactedSpan(span, redact))),
})
