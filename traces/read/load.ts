/**
 * Spans from what others wrote: OTLP JSON as one object, as one a line, or as objects one after the other, each bare
 * or in the envelope of Jaeger's query API, `{"result":{"resourceSpans":[…]}}`. So collectors' files, what Jaeger's
 * page saves as OTLP JSON, what its API answers, and skein's own trace files are all read here.
 *
 * A last object that ends in the middle is torn, and left out: its writer was killed, or still writes. What is neither
 * spans nor another signal of OpenTelemetry's is refused, since a file that is not what one took it for must not look
 * like an empty trace.
 */
import { readFile } from 'node:fs/promises'
import { InvalidError } from '../../protocols/errors.ts'
import type { TraceFile } from '../file.ts'
import { fromOtlp } from '../otlp.ts'
import type { Span } from '../span.ts'

/** @throws InvalidError `invalid.trace-file`; what `readFile` throws */
export const loadTraceFile = async (path: string): Promise<TraceFile> =>
  loadTraces(await readFile(path, 'utf8'), path)

/**
 * @param source where the text is from, for errors
 * @throws InvalidError `invalid.trace-file` with source and line
 */
export function loadTraces(text: string, source: string): TraceFile {
  const spans: Span[] = []
  for (const { json, start, torn } of documentsIn(text)) {
    if (torn && spans.length > 0) return { spans, tornLine: lineAt(text, start) }
    try {
      for (const span of spansIn(json)) spans.push(span)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new InvalidError('trace-file', `${source}:${lineAt(text, start)}: ${reason}`, { cause })
    }
  }
  return { spans }
}

/** JSON is undefined of what is none; nothing follows that. It is torn where it only lacks its end. */
type Document = { readonly json: unknown; readonly start: number; readonly torn?: boolean }

/** Most texts are one document: only the others are looked through for where each ends. */
function* documentsIn(text: string): Generator<Document> {
  const whole = parseJson(text)
  if (whole !== undefined) return yield { json: whole, start: 0 }
  for (let at = 0; ; ) {
    const start = skipBlank(text, at)
    if (start === text.length) return
    const end = endOfObject(text, start)
    const json = end === undefined ? undefined : parseJson(text.slice(start, end))
    yield { json, start, torn: end === undefined && text[start] === '{' }
    if (json === undefined) return
    at = end!
  }
}

/** Undefined where it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const BLANK = /[^\s\ufeff]/g

function skipBlank(text: string, from: number): number {
  BLANK.lastIndex = from
  return BLANK.exec(text)?.index ?? text.length
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [...'"\\{}'].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
]

/** The place behind the object that begins here; undefined where none does, or where it has no end. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === QUOTE) at = endOfString(text, at)
    else if (sign === OPEN) depth++
    else if (sign === CLOSE) depth--
    if (depth === 0) return sign === CLOSE ? at + 1 : undefined
  }
  return undefined
}

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
  return text.length
}

/** From 1. Only errors ask. */
const lineAt = (text: string, place: number): number => text.slice(0, place).split('\n').length

/** Other signals that a collector's file may hold beside spans. */
const OTHER_SIGNALS = ['resourceMetrics', 'resourceLogs', 'resourceProfiles']

function spansIn(json: unknown): Span[] {
  if (typeof json !== 'object' || json === null) throw new InvalidError('json', `not JSON. ${EXPECTED}`)
  if ('result' in json) return spansIn(json.result)
  if ('error' in json) throw new InvalidError('error', `an error: ${messageOf(json.error)}`)
  if ('resourceSpans' in json) return fromOtlp(json)
  if (OTHER_SIGNALS.some((signal) => signal in json)) return []
  if ('data' in json) throw new InvalidError('format', `Jaeger's own JSON. ${EXPECTED}: save it as OTLP JSON`)
  throw new InvalidError('format', `no spans. ${EXPECTED}`)
}

const EXPECTED = 'Expected OTLP JSON, {"resourceSpans":[…]}'

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : JSON.stringify(error)
