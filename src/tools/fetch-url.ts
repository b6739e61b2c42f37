/**
 * The tool that reads a page of the web: one GET, to hosts that the role names and to no other, also after a redirect.
 * What comes back was written by anybody: the agent reads it, and nothing here acts on it.
 */
import type { LookupFunction } from 'node:net'
import { z } from 'zod'
import { sleep } from '../time/clock.ts'
import { type Allowed, allowedUrl, allowing } from './fetch/allow.ts'
import { readableHtml } from './fetch/readable.ts'
import { getOnce, type Response } from './fetch/request.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'

const input = z.object({
  url: z.string().describe('http or https, like "https://example.org/guide.html"'),
  raw: z.boolean().nullable().describe('true for HTML as it is; null for its text'),
  from: z
    .number()
    .int()
    .min(0)
    .nullable()
    .describe('character to begin with, for the rest of a long page; null for 0'),
})

const output = z.object({
  url: z.string().describe('where it was in the end, after redirects'),
  type: z.string().describe('its media type'),
  title: z.string().describe('of a page of HTML; else empty'),
  text: z.string(),
  more: z.string().describe('how to ask for the rest; empty where all is here'),
})

export type FetchUrlOptions = {
  /** Hosts and beginnings of URLs: `docs.example.org`, `*.example.org`, `https://example.org/docs/`. */
  readonly allow: readonly string[]
  /**
   * Takes names of `allow` that lead into a private network or to this machine. Without it, such an address has to be
   * in `allow` itself, in figures.
   */
  readonly allowPrivate?: boolean
  /** Bytes of a page, and characters that one call returns. */
  readonly limitBytes?: number
  readonly limitChars?: number
  /** Deadline of all of it, in milliseconds. */
  readonly timeoutMs?: number
  /** How names become addresses: the system's way unless given. */
  readonly lookup?: LookupFunction
}

const LIMIT_BYTES = 2 * 2 ** 20
const LIMIT_CHARS = 40_000
const TIMEOUT_MS = 20_000
const AROUND_MS = 5_000
const REDIRECTS = 5
const SHOWN_CHARS = 300

/** `fetch_url`. @throws ToolError `tool.allow` for an entry of `allow` that is none */
export function fetchUrl(options: FetchUrlOptions): Tool<typeof input, typeof output> {
  const { limitChars = LIMIT_CHARS, timeoutMs = TIMEOUT_MS } = options
  const allow = options.allow.map(allowedUrl)
  const list = options.allow.join(', ') || 'nothing'
  return defineTool({
    name: 'fetch_url',
    description: `Reads a page of the web as text. Allowed: ${list}.`,
    input,
    output,
    timeoutMs: timeoutMs + AROUND_MS,
    worksOutside: true,
    async run({ url: given, raw, from }, { clock, signal }) {
      const over = new AbortController()
      const late = new AbortController()
      const ended = AbortSignal.any([signal, late.signal])
      void sleep(clock, timeoutMs, AbortSignal.any([signal, over.signal])).then(() => late.abort())
      try {
        const { url, response } = await follow(parse(given), allow, list, options, ended)
        const { type, title, text } = read(url, response, raw ?? false)
        const start = from ?? 0
        if (start > 0 && start >= text.length) {
          throw new ToolError('input', `${url.href} has ${text.length} characters, none from ${start}`)
        }
        const end = Math.min(start + limitChars, text.length)
        const more = `characters ${start} to ${end} of ${text.length}: ask for the next with "from": ${end}`
        const told = { url: url.href, type, title, text: text.slice(start, end) }
        return { output: { ...told, more: end < text.length ? more : '' } }
      } catch (error) {
        signal.throwIfAborted()
        if (!late.signal.aborted) throw error
        throw new ToolError('slow', `${given} was not there within ${timeoutMs / 1_000} s: try another page`)
      } finally {
        over.abort()
      }
    },
  })
}

function parse(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ToolError(
      'url',
      `${JSON.stringify(given)} is no URL of http or https: write it whole, with "https://"`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolError('url', 'a URL with a name or a password in it is not fetched: leave them out')
  }
  url.hash = ''
  return url
}

async function follow(
  first: URL,
  allow: readonly Allowed[],
  list: string,
  { allowPrivate = false, limitBytes = LIMIT_BYTES, lookup }: FetchUrlOptions,
  signal: AbortSignal,
): Promise<{ url: URL; response: Response }> {
  let url = first
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const entry = allowing(allow, url)
    if (entry === undefined) {
      const led = hop === 0 ? '' : `, where ${first.href} leads,`
      throw new ToolError('not-allowed', `${url.href}${led} may not be fetched: allowed is ${list}`)
    }
    const isPrivateAllowed = allowPrivate || entry.isExplicit
    const response = await getOnce(url, { allowPrivate: isPrivateAllowed, limitBytes, signal, lookup })
    const { status, location } = response
    if (status < 300 || status >= 400 || location === undefined) return { url, response }
    if (!URL.canParse(location, url.href)) {
      throw new ToolError('unreachable', `${url.href} leads to ${JSON.stringify(location)}, which is no URL`)
    }
    url = parse(new URL(location, url.href).href)
  }
  throw new ToolError('redirects', `${first.href} leads from page to page, more than ${REDIRECTS} times`)
}

function read(url: URL, { status, type: header, body }: Response, raw: boolean) {
  const type = header.split(';')[0]!.trim().toLowerCase()
  const isHtml = type === 'text/html' || type === 'application/xhtml+xml'
  const isText =
    isHtml || /^text\/|^application\/(?:json|xml|javascript|yaml|toml|x-ndjson)$|\+(?:json|xml)$/.test(type)
  const isFine = status >= 200 && status < 300
  if (isFine && !isText) {
    throw new ToolError(
      'content-type',
      `${url.href} is ${type || 'of no type'}, not text: fetch a page of text`,
    )
  }
  const decoded = decode(body, header, isHtml)
  if (isFine && decoded.includes('\0')) {
    throw new ToolError(
      'content-type',
      `${url.href} calls itself ${type} and is no text: fetch a page of text`,
    )
  }
  const page = isHtml && !raw ? readableHtml(decoded) : { title: '', text: decoded }
  if (!isFine) {
    const said = isText ? page.text.slice(0, SHOWN_CHARS) : ''
    throw new ToolError('http-status', `${url.href} answers ${status}: ${said || 'nothing'}`)
  }
  return { type, ...page }
}

/** By what the header says, or the page itself, else as UTF-8. */
function decode(body: Buffer, header: string, isHtml: boolean): string {
  const inPage = isHtml
    ? /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i.exec(body.subarray(0, 1_024).toString('latin1'))
    : null
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(header)?.[1] ?? inPage?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}
