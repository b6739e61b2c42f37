/** Log records on the logger of OpenTelemetry's SDK, which the provider hands in. */
import type { LogRecord, LogSink } from './log-record.ts'
import type { Sdk } from './provider.ts'
import { attributesOf } from './provider-attributes.ts'
import type { SpanContext } from './span.ts'

type SdkLogger = ReturnType<InstanceType<Sdk['logs']['LoggerProvider']>['getLogger']>
type SdkContext = Sdk['api']['ROOT_CONTEXT']

/** The numbers of OpenTelemetry's log data model, "Field: SeverityNumber". */
const SEVERITY: Readonly<Record<LogRecord['severity'], number>> = { info: 9, warn: 13, error: 17 }

/** @param contextOf the SDK's context of a span */
export function logSinkOn(logger: SdkLogger, contextOf: (span?: SpanContext) => SdkContext): LogSink {
  return {
    emit: ({ atMs, severity, text, attributes, context }) =>
      logger.emit({
        timestamp: new Date(atMs),
        severityNumber: SEVERITY[severity],
        severityText: severity.toUpperCase(),
        body: text,
        attributes: attributesOf(attributes),
        context: contextOf(context),
      }),
  }
}

/** Where `@opentelemetry/api-logs` has its provider, which only it can take back, and which is not ours to import. */
const GLOBAL_LOGS = Symbol.for('io.opentelemetry.js.api.logs')

/** The answer forgets what was registered since. */
export function rememberLogs(): () => void {
  const all = globalThis as { [GLOBAL_LOGS]?: unknown }
  const before = all[GLOBAL_LOGS]
  return () => {
    if (before === undefined) delete all[GLOBAL_LOGS]
  }
}
