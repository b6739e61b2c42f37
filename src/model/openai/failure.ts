/** What went wrong between us and the endpoint, as an error that says what to do about it. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { ModelError, type ModelErrorOptions } from '../model.ts'
import { statusIn } from './bodies.ts'
import { overflowIn, type Told } from './overflow.ts'
import { quote } from './quote.ts'
import { retryAfterOf } from './told-limits.ts'

type Endpoint = {
  readonly baseUrl: string
  /** Absent when no model was asked for. */
  readonly model?: string
}

/** The ModelError for whatever the client threw. */
export function modelFailure(error: unknown, endpoint: Endpoint): ModelError {
  // What is thrown inside of fetch, the client takes for a connection that failed.
  const ours = error instanceof APIConnectionError ? error.cause : error
  if (ours instanceof ModelError) return ours
  const { baseUrl } = endpoint
  const fail = (code: string, message: string, retryable: boolean) =>
    new ModelError(code, message, { retryable, cause: error })

  if (error instanceof APIConnectionTimeoutError || codeOf(error).endsWith('_TIMEOUT')) {
    return fail('timeout', `${baseUrl} took too long to answer: try later`, true)
  }
  if (error instanceof APIConnectionError) {
    const hint = 'is it up, and is OPENAI_BASE_URL right?'
    return fail('unreachable', `cannot reach ${baseUrl} (${codeOf(error) || error.message}): ${hint}`, true)
  }
  if (error instanceof APIError) return statusFailure(error, endpoint)
  if (error instanceof SyntaxError) {
    return fail('malformed', `${baseUrl} sent what is not JSON: ${quote(error.message)}`, true)
  }
  // What fetch throws for a body whose connection broke.
  if (error instanceof TypeError && error.message === 'terminated') {
    return fail('cut', `the connection to ${baseUrl} broke in the middle of the reply`, true)
  }
  return fail('failed', `the call of ${baseUrl} failed: ${String(error)}`, false)
}

/** The same failure, of which more is known. */
export const restated = (
  { code, message, cause, ...known }: ModelError,
  more: Partial<ModelErrorOptions>,
): ModelError => new ModelError(code.replace(/^model\./, ''), message, { ...known, cause, ...more })

function statusFailure(error: APIError, { baseUrl, model }: Endpoint): ModelError {
  const told = toldBy(error)
  const { status, code, message } = told
  const fail = (code: string, what: string, retryable: boolean, contextTokens?: number) =>
    new ModelError(code, `${what}. It said: ${quote(error.message)}`, {
      ...{ retryable, contextTokens, cause: error },
      ...(retryable && error.headers && { retryAfterMs: retryAfterOf(error.headers) }),
    })

  const overflow = overflowIn(told)
  if (overflow !== undefined) {
    const advice = "set contextTokens of its role's model, or start the server with a larger context"
    return fail(
      'context-length',
      `the prompt does not fit ${nameOf(model)}: ${advice}`,
      false,
      overflow.contextTokens,
    )
  }
  // An error event in the middle of a stream need not have one.
  if (status === undefined) return fail('unavailable', `${baseUrl} broke its reply off with an error`, true)
  if (status === 401 || status === 403) {
    const what = model === undefined ? '' : ` for the model "${model}"`
    return fail(
      'unauthorized',
      `${baseUrl} does not take the API key${what}: set OPENAI_API_KEY to one of its own`,
      false,
    )
  }
  // llama.cpp and LM Studio say it with 400.
  if (status === 404 || (status === 400 && UNKNOWN_MODEL.test(`${code} ${message}`))) {
    const what = model === undefined ? 'nothing under this address' : `no model "${model}"`
    const hint = new URL(baseUrl).pathname === '/' ? ', which lacks its "/v1"?' : ''
    return fail(
      'not-found',
      `${baseUrl} has ${what}: check the model's name and OPENAI_BASE_URL${hint}`,
      false,
    )
  }
  // 402: OpenRouter, DeepSeek.
  if (status === 429 || status === 402) {
    // Waiting does not refill an account.
    const retryable = status === 429 && code !== 'insufficient_quota'
    const advice = retryable ? 'call it less often, or later' : 'its quota is used up'
    return fail('rate-limited', `${baseUrl} turns calls away: ${advice}`, retryable)
  }
  if (status === 408 || status === 409 || status >= 500) {
    return fail('unavailable', `${baseUrl} failed with status ${status}: try later`, true)
  }
  if (NO_TOOLS.test(message)) {
    const advice = 'choose one that does, or let the server parse its calls'
    return fail('no-tools', `${nameOf(model)} of ${baseUrl} calls no tools: ${advice}`, false)
  }
  // Groq refuses what its own model said.
  if (code === 'tool_use_failed') return fail('bad-call', 'the call was not well formed', true)
  if (code === 'json_validate_failed') return fail('bad-answer', 'the answer did not fit its schema', true)
  return fail('bad-request', `${baseUrl} refused the request with status ${status}`, false)
}

const nameOf = (model: string | undefined) => (model === undefined ? 'the model' : `"${model}"`)

const UNKNOWN_MODEL = /model_not_found|model '?"?[^\s'"]+'?"? (not found|does not exist)/i
/** Ollama; vLLM without a parser for calls. */
const NO_TOOLS = /does not support tools|requires --enable-auto-tool-choice/i

/** What the endpoint said, with every field as text. */
export function toldBy(error: APIError): Told & { readonly param: string } {
  const fields = (error.error ?? {}) as Readonly<Record<string, unknown>>
  const message = typeof fields.message === 'string' ? fields.message : error.message
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const { code, type, param } = fields
  // In a stream that has begun OpenRouter tells the status as the code.
  const status = error.status ?? statusIn(code)
  return { status, code: text(code), type: text(type), param: text(param), message, fields }
}

/** The code of the operating system or of fetch, which is somewhere among the causes, or nothing. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return ''
}
