/**
 * The vendor's client, set up from its arguments: left to itself it reads keys and addresses from the environment,
 * which is the business of whoever starts the process. Only OPENAI_CUSTOM_HEADERS it adds whatever it is told.
 */
import { OpenAI } from 'openai'
import { ModelError } from '../model.ts'
import { readableFetch } from './bodies.ts'

export const OPENAI_BASE_URL = 'https://api.openai.com/v1'

/** Longest delay of a timer in Node. Patience keeps the time: after a timeout of its own the client would retry. */
const NO_TIMEOUT_MS = 2 ** 31 - 1

export type EndpointOptions = {
  /** Where chat completions are served, up to and without `/chat/completions`; OpenAI itself unless told. */
  readonly baseUrl?: string
  /** Any text, where the endpoint asks for none. */
  readonly apiKey: string
  readonly headers?: Readonly<Record<string, string>>
  readonly organization?: string
}

/** @throws ModelError `model.bad-url`, `model.unauthorized` when the key is empty */
export function openaiClient(endpoint: EndpointOptions): OpenAI {
  const baseUrl = endpoint.baseUrl ?? OPENAI_BASE_URL
  if (!URL.canParse(baseUrl) || !new URL(baseUrl).protocol.startsWith('http')) {
    const message = `"${baseUrl}" is no base URL: set OPENAI_BASE_URL to one such as "http://127.0.0.1:11434/v1"`
    throw new ModelError('bad-url', message, { retryable: false })
  }
  if (endpoint.apiKey === '') {
    const message = `no API key for ${baseUrl}: set OPENAI_API_KEY, to any text if the endpoint asks for none`
    throw new ModelError('unauthorized', message, { retryable: false })
  }
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: endpoint.apiKey,
    adminAPIKey: null,
    organization: endpoint.organization ?? null,
    project: null,
    webhookSecret: null,
    defaultHeaders: endpoint.headers,
    maxRetries: 0, // The client would wait by a clock of its own, and for as long as it is told.
    timeout: NO_TIMEOUT_MS,
    logLevel: 'off',
    fetch: readableFetch(),
  })
}
