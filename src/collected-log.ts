/** A log whose lines go to a collector as well, each as a record with the span that it is about. */
import { nameOf } from '../protocols/ids.ts'
import type { LogRecord, LogSink } from '../traces/log-record.ts'
import { GENERAL, logFieldName, SKEIN } from '../traces/names.ts'
import type { AttributeValue } from '../traces/span.ts'
import { conversationOf, type Fields, type Log, spanOfLine } from './log.ts'

/** Fields that spans have attributes for; any other is `skein.log.<name>`. */
const NAMES: Readonly<Record<string, string>> = {
  run: SKEIN.run,
  conversation: SKEIN.conversation,
  peer: SKEIN.peer,
  role: SKEIN.role,
  epoch: SKEIN.epoch,
  outcome: SKEIN.outcome,
  reason: SKEIN.reason,
  error: GENERAL.exceptionMessage,
}

/** Says all that it is told to this log, and to the sink. */
export function collectedLog(log: Log, sink: LogSink, now: () => number): Log {
  const tell = (severity: LogRecord['severity']) => (text: string, fields?: Fields) => {
    log[severity](text, fields)
    const context = fields && spanOfLine(fields)
    sink.emit({
      ...{ atMs: now(), severity, text, attributes: attributesOf(fields) },
      ...(context && { context }),
    })
  }
  return { info: tell('info'), warn: tell('warn'), error: tell('error') }
}

/** A conversation by its name in the run, as in spans. */
function attributesOf(fields: Fields = {}): Record<string, AttributeValue> {
  const conversation = conversationOf(fields)
  const told = { ...fields, ...(conversation && { conversation: nameOf(conversation) }) }
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) =>
      value === undefined ? [] : [[NAMES[name] ?? logFieldName(name), value]],
    ),
  )
}
