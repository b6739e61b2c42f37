/** Spans of one trace from Jaeger's query API, version 3, the one that stays (the older `/api/traces` is going). */
import { z } from 'zod'
import { InvalidError, SkeinError } from '../protocols/errors.ts'
import { textWithin } from './body.ts'
import { loadTraces } from './read/load.ts'
import type { Span } from './span.ts'

/**
 * `jaeger.away`: nobody answers there, or not in time; `jaeger.no-trace`: it has no such trace, or not yet;
 * `jaeger.answer`: it answers with something else than a trace; `jaeger.too-large`: with more than is read here.
 */
export class JaegerError extends SkeinError {
  constructor(code: 'away' | 'no-trace' | 'answer' | 'too-large', message: string, options?: ErrorOptions) {
    super(`jaeger.${code}`, message, options)
  }
}

export type JaegerOptions = {
  /** Of its page, `http://127.0.0.1:16686`, with the path that it is served under where there is one. */
  readonly url: string
  /** 32 hex digits. */
  readonly traceId: string
  /** Bounds the wait. A `Clock` is one. */
  readonly timers: { setTimer(delayMs: number, fire: () => void): { cancel(): void } }
  readonly signal?: AbortSignal
  /** Of an answer; 128 MiB unless given. */
  readonly limitBytes?: number
}

/** Until the whole answer is there. A trace of 100,000 spans is tens of megabytes. */
const ANSWER_MS = 30_000
/** Several hundred thousand spans. */
const LIMIT_BYTES = 128 * 2 ** 20
/** What is read of an answer that is no trace, and what of that is quoted, for people. */
const ERROR_BYTES = 65_536
const QUOTED_CHARACTERS = 200

/** A place under Jaeger's page, whatever path or query its address has. */
export function placeIn(page: string, path: string): string {
  const url = new URL(page)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  url.hash = ''
  return url.href
}

/** @throws JaegerError; the signal's reason; InvalidError `invalid.jaeger-url` */
export async function spansFromJaeger({
  url,
  traceId,
  timers,
  signal,
  limitBytes = LIMIT_BYTES,
}: JaegerOptions): Promise<Span[]> {
  if (!isPage(url)) {
    throw new InvalidError(
      'jaeger-url',
      "the address of Jaeger's page must be one of http or https without a user and a password, like http://127.0.0.1:16686",
    )
  }
  const address = placeIn(url, `/api/v3/traces/${traceId}`)
  const late = new AbortController()
  const timer = timers.setTimer(ANSWER_MS, () => late.abort())
  const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
  let response: Response | undefined
  try {
    response = await fetch(address, { headers: { accept: 'application/json' }, signal: either })
    const isTrace = response.status === 200
    const { text, isCut } = await textWithin(response, isTrace ? limitBytes : ERROR_BYTES)
    if (isTrace && isCut) throw tooLarge(address, limitBytes)
    return spansOf(response.status, text, address, traceId)
  } catch (cause) {
    if (cause instanceof JaegerError) throw cause
    signal?.throwIfAborted()
    if (!late.signal.aborted && response !== undefined)
      throw unexpected(address, `its answer ends in the middle (${reasonOf(cause)})`, cause)
    if (!late.signal.aborted && isAnswer(cause)) throw unexpected(address, reasonOf(cause), cause)
    const reason = late.signal.aborted ? `no answer within ${ANSWER_MS / 1_000} s` : reasonOf(cause)
    throw new JaegerError(
      'away',
      `no Jaeger answers at ${url} (${reason}): start it, as with "docker compose up --wait", or name the address of its page`,
      { cause },
    )
  } finally {
    timer.cancel()
  }
}

/** `fetch` takes no user and password, and its error would repeat them. */
function isPage(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

function spansOf(status: number, text: string, address: string, traceId: string): Span[] {
  const none = () =>
    new JaegerError(
      'no-trace',
      `${address}: Jaeger has no trace ${traceId}. It shows a span some seconds after its end, and forgets old ones`,
    )
  if (status === 404 && saysNone(text)) throw none()
  if (status !== 200) throw unexpected(address, `status ${status}, ${quoted(text)}`)
  let spans: Span[]
  try {
    const read = loadTraces(text, address)
    if (read.tornLine !== undefined) throw unexpected(address, 'its answer ends in the middle')
    spans = read.spans
  } catch (cause) {
    if (cause instanceof JaegerError) throw cause
    throw unexpected(address, `${(cause as Error).message}. It began with ${quoted(text)}`, cause)
  }
  if (spans.length === 0) throw none()
  const wanted = spans.filter((span) => span.traceId === traceId.toLowerCase())
  if (wanted.length === 0)
    throw unexpected(address, `it was asked for trace ${traceId} and sent trace ${spans[0]!.traceId}`)
  return wanted
}

/** Jaeger's words for it. A server that is not Jaeger has its own for what it does not find. */
const noneSchema = z.object({ error: z.object({ httpCode: z.literal(404), message: z.string() }) })

function saysNone(text: string): boolean {
  try {
    return noneSchema.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

const tooLarge = (address: string, limitBytes: number) =>
  new JaegerError(
    'too-large',
    `${address} answers with more than ${limitBytes} bytes: read the run from its records, without --jaeger, or save the trace as a file and use --file`,
  )

const unexpected = (address: string, what: string, cause?: unknown) =>
  new JaegerError(
    'answer',
    `${address} does not answer as Jaeger's API does: ${what}. Name the address of Jaeger's page, version 2 or newer`,
    { cause },
  )

const quoted = (text: string): string => JSON.stringify(text.trim().slice(0, QUOTED_CHARACTERS))

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

/** Whether somebody was there: `fetch` fails as well over redirects without end, and over what is no HTTP. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return false
  const { cause } = error
  return /redirect/.test(cause.message) || ('code' in cause && /^HPE_/.test(String(cause.code)))
}
