/**
 * An endpoint for chat completions whose model is a function. It streams as real ones do (tool calls in fragments,
 * usage in a chunk of its own) and refuses, with status 400, a request that a strict real one would refuse. It fails
 * when told to, and keeps what it was asked. It knows no test framework.
 *
 * @example
 * const stub = await startOpenaiStub((request, call) => (call === 1 ? { status: 429 } : { json: { ok: true } }))
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json as readJson } from 'node:stream/consumers'

export type StubMessage = {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | null
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
  readonly tool_call_id?: string
}

type Schema = Readonly<Record<string, unknown>>

/** The body of a request, as far as the stub and its users look at it. */
export type StubRequestBody = {
  readonly model: string
  readonly messages: readonly StubMessage[]
  readonly tools?: readonly {
    readonly function: { readonly name: string; readonly parameters: Schema; readonly strict: boolean }
  }[]
  readonly response_format?: {
    readonly type: string
    readonly json_schema: { readonly name: string; readonly schema: Schema; readonly strict: boolean }
  }
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly temperature?: number
}

export type StubReply = {
  readonly text?: string
  /** The text, as JSON. */
  readonly json?: unknown
  readonly refusal?: string
  /** Text for `arguments` is sent as it is, anything else as JSON. */
  readonly calls?: readonly { readonly id?: string; readonly name: string; readonly arguments: unknown }[]
  /** `tool_calls` when there are calls, else `stop`. */
  readonly finish?: string
  /** Estimated unless given; null: none is told. */
  readonly usage?: { readonly input: number; readonly output: number } | null
  readonly headers?: Readonly<Record<string, string>>
  /** Awaited before each event, numbered from 0: what makes the stub slow, or hang. */
  readonly before?: (event: number) => Promise<void>
  /** After so many events: the socket is cut, half an event is sent as if it were whole, or the reply just ends. */
  readonly breaks?: { readonly after: number; readonly how: 'cut' | 'malformed' | 'end' }
}

/** A reply with no stream: an error with its message, or whatever body is given. */
export type StubFailure = {
  readonly status: number
  readonly message?: string
  readonly code?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as a page of HTML, anything else as JSON. */
  readonly body?: unknown
}

/** Events as some server sends them: JSON of each, or its text as it is. `[DONE]` is not added. */
export type StubEvents = Pick<StubReply, 'before'> & { readonly events: readonly unknown[] }

export type StubAnswer = StubReply | StubEvents | StubFailure

/** `call` counts the requests for completions from 1. */
export type StubScript = (request: StubRequestBody, call: number) => StubAnswer | Promise<StubAnswer>

export type StubRequest = {
  readonly call: number
  readonly body: StubRequestBody
  readonly headers: Readonly<Record<string, string | undefined>>
  /** How it ended; `left`: the client closed the connection before it had all of the reply. */
  readonly ended: Promise<'answered' | 'cut' | 'left'>
}

export type OpenaiStub = {
  /** The base URL, with `/v1`. */
  readonly url: string
  readonly requests: readonly StubRequest[]
  close(): Promise<void>
}

export type StubOptions = {
  /** Any free one unless told. */
  readonly port?: number
  /** Another key is refused with 401; any is taken unless told. */
  readonly apiKey?: string
  readonly models?: readonly string[]
}

/** Characters of a text or of arguments that go into one event. */
const FRAGMENT_LENGTH = 8

export async function startOpenaiStub(script: StubScript, options: StubOptions = {}): Promise<OpenaiStub> {
  const requests: StubRequest[] = []

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return sendFailure(response, { status: 401, message: 'Incorrect API key provided' })
    }
    if (request.method === 'GET' && request.url === '/v1/models') {
      const data = (options.models ?? ['stub-model']).map((id) => ({ id, object: 'model' }))
      return sendJson(response, 200, { object: 'list', data })
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      return sendFailure(response, { status: 404, message: `no such path: ${request.url}` })
    }
    const body = (await readJson(request)) as StubRequestBody
    const call = requests.length + 1
    const exchange = { cut: false }
    const ended = new Promise<'answered' | 'cut' | 'left'>((resolve) => {
      response.on('close', () =>
        resolve(exchange.cut ? 'cut' : response.writableFinished ? 'answered' : 'left'),
      )
    })
    requests.push({ call, body, headers: request.headers as StubRequest['headers'], ended })
    const complaint = complaintAbout(body)
    if (complaint !== undefined) return sendFailure(response, { status: 400, message: complaint })
    const answer = await script(body, call)
    if ('status' in answer) return sendFailure(response, answer)
    if ('events' in answer) return sendEvents(response, answer)
    await sendReply(response, answer, body, call, exchange)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      if (response.headersSent) response.destroy()
      else sendFailure(response, { status: 500, message: `the stub's script failed: ${error}` })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendFailure(response: ServerResponse, failure: StubFailure): void {
  const { status, message = 'told to fail', code = null, headers, body } = failure
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  if (body === undefined) sendJson(response, status, { error: { message, code, type: 'stub', param: null } })
  else if (typeof body !== 'string') sendJson(response, status, body)
  else response.writeHead(status, { 'content-type': 'text/html' }).end(body)
}

async function sendReply(
  response: ServerResponse,
  reply: StubReply,
  request: StubRequestBody,
  call: number,
  exchange: { cut: boolean },
): Promise<void> {
  response.writeHead(200, { ...reply.headers, 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const events = eventsOf(reply, request, call).map((event) => JSON.stringify(event))
  for (const [index, event] of [...events, '[DONE]'].entries()) {
    await reply.before?.(index)
    if (response.destroyed) return
    if (index === reply.breaks?.after) {
      if (reply.breaks.how === 'end') break
      if (reply.breaks.how === 'cut') {
        exchange.cut = true
        response.destroy()
        return
      }
      await write(response, `data: ${event.slice(0, event.length / 2)}\n\n`)
      break
    }
    await write(response, `data: ${event}\n\n`)
  }
  response.end()
}

async function sendEvents(response: ServerResponse, { events, before }: StubEvents): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  for (const [index, event] of events.entries()) {
    await before?.(index)
    if (response.destroyed) return
    await write(response, typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)
  }
  response.end()
}

/** Resolves once it is on its way, so that what is cut afterwards still arrives. */
function write(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => response.write(text, () => resolve()))
}

/** The events of a reply, in the order of the real ones: role, refusal, text, calls, finish, usage. */
function eventsOf(reply: StubReply, request: StubRequestBody, call: number): unknown[] {
  const text = reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json))
  const calls = reply.calls ?? []
  const head = { id: `chatcmpl-${call}`, object: 'chat.completion.chunk', created: 0, model: request.model }
  const event = (delta: unknown, finish: string | null = null) => {
    return { ...head, choices: [{ index: 0, delta, finish_reason: finish }] }
  }
  const callEvents = calls.flatMap(({ id, name, arguments: input }, index) => {
    const whole = typeof input === 'string' ? input : JSON.stringify(input)
    const opening = {
      index,
      id: id ?? `call_${call}_${index}`,
      type: 'function',
      function: { name, arguments: '' },
    }
    const rest = fragments(whole).map((part) => ({ index, function: { arguments: part } }))
    return [opening, ...rest].map((fragment) => event({ tool_calls: [fragment] }))
  })
  const { input, output } = reply.usage ?? {
    input: estimate(JSON.stringify(request.messages)),
    output: estimate(text + JSON.stringify(calls)),
  }
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  const told = request.stream_options?.include_usage === true && reply.usage !== null
  return [
    event({ role: 'assistant', content: '' }),
    ...fragments(reply.refusal ?? '').map((refusal) => event({ refusal })),
    ...fragments(text).map((content) => event({ content })),
    ...callEvents,
    event({}, reply.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop')),
    ...(told ? [{ ...head, choices: [], usage }] : []),
  ]
}

const fragments = (text: string) => text.match(new RegExp(`[^]{1,${FRAGMENT_LENGTH}}`, 'g')) ?? []

/** Tokens, by the rule of thumb of four characters each. */
const estimate = (text: string) => Math.ceil(text.length / 4)

/** What a strict endpoint would refuse the request for, or undefined. */
function complaintAbout(body: StubRequestBody): string | undefined {
  if (body.stream !== true) return 'this endpoint only streams'
  const awaited = new Set<string>()
  for (const message of body.messages) {
    if (message.role === 'tool') {
      if (!awaited.delete(message.tool_call_id ?? '')) return `no call for result "${message.tool_call_id}"`
    } else if (awaited.size > 0) return `no result for call "${[...awaited].join()}"`
    for (const call of message.tool_calls ?? []) awaited.add(call.id)
  }
  if (awaited.size > 0) return `no result for call "${[...awaited].join()}"`
  const answer = body.response_format?.json_schema
  if (answer && !/^[A-Za-z0-9_-]{1,64}$/.test(answer.name)) return `bad schema name "${answer.name}"`
  if (answer && answer.schema.type !== 'object') return 'the root of a schema must be an object'
  const strict = [answer, ...(body.tools ?? []).map((tool) => tool.function)].filter(
    (schema) => schema?.strict,
  )
  for (const schema of strict) {
    const open = openObjectIn('parameters' in schema! ? schema.parameters : schema?.schema)
    if (open) return `strict, but not every property is required and closed: ${JSON.stringify(open)}`
  }
  return undefined
}

function openObjectIn(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { type, properties = {}, required = [], additionalProperties } = schema as Schema
  const names = Object.keys(properties as object)
  const closed =
    additionalProperties === false && names.every((name) => (required as string[]).includes(name))
  if (type === 'object' && !closed) return schema
  return Object.values(schema).map(openObjectIn).find(Boolean)
}
