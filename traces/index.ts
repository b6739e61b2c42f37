/**
 * What a run looked like: spans as data, their names, their way over the wire and to a file or a collector, and views
 * of them. Nothing here knows an agent, a bus or a clock. The OpenTelemetry SDK is loaded by `otlpSink` alone.
 */
export { DETECTORS, diagnose } from './diagnose/diagnose.ts'
export {
  type Cited,
  type Detector,
  type Finding,
  MAST,
  type MastMode,
  type Severity,
  type Sighting,
} from './diagnose/finding.ts'
export { type DiagnosisOptions, diagnosis } from './diagnose/report.ts'
export { digestOf } from './digest.ts'
export { appendTraceFile, readTraceFile, type TraceFile, writeTraceFile } from './file.ts'
export { JaegerError, type JaegerOptions, spansFromJaeger } from './jaeger.ts'
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Meter,
  type Metric,
  type MetricAttributes,
  silentMeter,
} from './meter.ts'
export { METRIC } from './metrics.ts'
export * from './names.ts'
export { fromOtlp, type OtlpTraces, toOtlp } from './otlp.ts'
export { type PageOptions, page } from './page/page.ts'
export {
  formatTracestate,
  parseTraceparent,
  parseTracestate,
  spanIdOf,
  type TraceParent,
  type TraceState,
  traceIdOf,
  traceparent,
} from './propagation.ts'
export { type OtlpSinkOptions, otlpSink } from './provider.ts'
export { type CriticalPath, criticalPath, type Segment, type SegmentKind } from './read/critical-path.ts'
export { shortDuration } from './read/duration.ts'
export { flawsOf } from './read/flaws.ts'
export { type NormaliseOptions, normaliseTree } from './read/golden.ts'
export { loadTraceFile, loadTraces } from './read/load.ts'
export { type SequenceOptions, sequence } from './read/sequence.ts'
export { type ShowOptions, showCriticalPath } from './read/show-critical-path.ts'
export { showTax } from './read/show-tax.ts'
export {
  type Conversation,
  type Effect,
  type Message,
  type Story,
  storyOf,
  type Takeover,
  type Turn,
} from './read/story.ts'
export { type Tax, tax } from './read/tax.ts'
export { nodesOf, type TraceNode, type TraceTree, traceTree } from './read/tree.ts'
export { type WaterfallOptions, waterfall } from './read/waterfall.ts'
export type { AttributeValue, Span, SpanContext, SpanKind, SpanLink, SpanSink } from './span.ts'
