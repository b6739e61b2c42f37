/**
 * Bodies that the vendor's client would lose, brought into the form that it reads. Of an error it keeps only what is
 * below `error`; of a reply that is no stream it keeps nothing when a stream was asked for.
 */

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** The same fetch, for chat completions with bodies of any shape. */
export const readableFetch =
  (send: Fetch = fetch): Fetch =>
  async (input, init) => {
    const response = await send(input, init)
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    if (!response.ok) return again(response, JSON.stringify({ error: errorIn(await response.text()) }))
    const isChat = new URL(input instanceof Request ? input.url : input).pathname.endsWith(
      '/chat/completions',
    )
    return isChat && isJson ? again(response, asEvents(await response.text()), 'text/event-stream') : response
  }

function again(response: Response, body: string, type = 'application/json'): Response {
  const headers = new Headers(response.headers)
  for (const name of ['content-length', 'content-encoding']) headers.delete(name)
  headers.set('content-type', type)
  return new Response(body, { status: response.status, statusText: response.statusText, headers })
}

/** An endpoint that ignores `stream: true`, or errs with status 200, sends one completion: one event. */
function asEvents(text: string): string {
  try {
    return `data: ${JSON.stringify(JSON.parse(text))}\n\ndata: [DONE]\n\n`
  } catch {
    // Events under a wrong name, or what the stream's reader will refuse.
    return text
  }
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
