/**
 * Bodies that the vendor's client would lose, brought into the form that it reads. Of an error it keeps only what is
 * below `error`; of a reply that is no stream it keeps nothing when a stream was asked for. And it reads on for as long
 * as anybody sends: here all bodies are bounded.
 */
import { textWithin } from '../../../traces/body.ts'
import { ModelError } from '../model.ts'

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** What is read of an error: what it says comes first. */
const ERROR_BYTES = 65_536
/** Of a whole reply: the longest answers of any model are a few megabytes, each token in an event of its own. */
const REPLY_BYTES = 64 * 2 ** 20
/** Of one event of a stream: some send a whole call, or the whole reply, in one. */
const EVENT_BYTES = 16 * 2 ** 20

/** The same fetch, for chat completions with bodies of any shape. */
export const readableFetch =
  (send: Fetch = fetch): Fetch =>
  async (input, init) => {
    const response = await send(input, init)
    const type = response.headers.get('content-type') ?? ''
    if (!response.ok) return refusal(response, response.status, await errorText(response))
    const isChat = new URL(input instanceof Request ? input.url : input).pathname.endsWith(
      '/chat/completions',
    )
    if (isChat && /\bhtml\b/.test(type)) return refusal(response, NOT_HERE, await errorText(response))
    if (!isChat || !/\bjson\b/.test(type)) return bounded(response)
    const { text, isCut } = await textWithin(response, REPLY_BYTES)
    if (isCut) throw tooLarge('a reply', REPLY_BYTES)
    return whole(response, text)
  }

/** Of an address at which something answers, and nothing that knows chat completions. */
const NOT_HERE = 404

const errorText = async (response: Response): Promise<string> =>
  (await textWithin(response, ERROR_BYTES)).text

/** An event ends in an empty line. */
const [NEWLINE, RETURN] = [10, 13]
/** Bytes that the last event takes at most, with the line's end before it. */
const TAIL = 24

const finished = new WeakSet<Response>()

/** Whether the endpoint said that its stream is at its end, `data: [DONE]`, which the vendor's client keeps to itself. */
export const isFinished = (response: Response): boolean => finished.has(response)

/** The response as it comes, with an error in its middle where there is more of it than may be. */
function bounded(response: Response): Response {
  let [sent, event, last] = [0, 0, 0]
  let tail = ''
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent += chunk.length
      for (const byte of chunk) {
        event = byte === NEWLINE && last === NEWLINE ? 0 : event + 1
        if (byte !== RETURN) last = byte
      }
      tail = (tail + Buffer.from(chunk.subarray(-TAIL)).toString('latin1')).slice(-TAIL)
      if (/\ndata: ?\[DONE\]\s*$/.test(tail)) finished.add(watched)
      if (sent > REPLY_BYTES) controller.error(tooLarge('a reply', REPLY_BYTES))
      else if (event > EVENT_BYTES) controller.error(tooLarge('one event of a reply', EVENT_BYTES))
      else controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = response
  const watched = new Response(response.body?.pipeThrough(watch) ?? null, { status, statusText, headers })
  return watched
}

const tooLarge = (what: string, limit: number): ModelError =>
  new ModelError(
    'too-large',
    `the endpoint sends ${what} of more than ${limit} bytes, and nothing says that it ends: is OPENAI_BASE_URL right, and does it serve chat completions?`,
    { retryable: false },
  )

function again(response: Response, body: string, type: string, status = response.status): Response {
  const headers = new Headers(response.headers)
  for (const name of ['content-length', 'content-encoding']) headers.delete(name)
  headers.set('content-type', type)
  return new Response(body, { status, statusText: response.statusText, headers })
}

const refusal = (response: Response, status: number, text: string): Response =>
  again(response, JSON.stringify({ error: errorIn(text) }), 'application/json', status)

/**
 * An endpoint that ignores `stream: true` sends one completion: one event. One that errs with status 200 tells the
 * status in the body (OpenRouter), or none; and where it knows no such address it may say so with 200 as well
 * (lmstudio-ai/lmstudio-bug-tracker#618).
 */
function whole(response: Response, text: string): Response {
  const asEvents = (events: string) => again(response, events, 'text/event-stream')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // Events under a wrong name.
    return /^data:/m.test(text) ? asEvents(text) : refusal(response, NOT_HERE, text)
  }
  if (isTold(body) && Array.isArray(body.choices)) {
    return asEvents(`data: ${JSON.stringify(body)}\n\ndata: [DONE]\n\n`)
  }
  const error = errorIn(text)
  const status = statusIn(error.code)
  if (status !== undefined) return refusal(response, status, text)
  const isError = isTold(body) && (body.error !== undefined || body.object === 'error')
  if (!isError || /unexpected endpoint/i.test(String(error.message))) return refusal(response, NOT_HERE, text)
  return asEvents(`data: ${JSON.stringify({ error })}\n\n`)
}

/** The status that an error's code is, where it is one. */
export function statusIn(code: unknown): number | undefined {
  const status = Number(code)
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}

type Told = Readonly<Record<string, unknown>>

/**
 * `{ error: { message } }` as OpenAI has it; `{ error: "…" }` (LM Studio); `{ object: "error", message }` (vLLM up to
 * 0.10); `{ detail: "…" }` or a list of such (FastAPI, and so many servers in Python); a list with one of these
 * (Gemini); words or a page of HTML from a proxy.
 */
function errorIn(text: string): Told {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { message: text.trim() || 'no body' }
  }
  const told = Array.isArray(body) ? body[0] : body
  if (!isTold(told)) return { message: text }
  if (isTold(told.error)) return told.error
  if (typeof told.error === 'string') return { ...told, message: told.error }
  const said = told.message ?? told.detail
  return { ...told, message: typeof said === 'string' ? said : JSON.stringify(said ?? told) }
}

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
