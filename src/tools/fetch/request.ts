/**
 * One GET, without redirects, to an address that was looked at: the name is resolved here, and the connection goes to
 * what was found, so that a name cannot mean another host the next time it is asked for (DNS rebinding).
 */
import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { ToolError } from '../tool.ts'
import { isPublic } from './address.ts'

export type Response = {
  readonly status: number
  readonly type: string
  readonly location: string | undefined
  readonly body: Buffer
}

export type RequestOptions = {
  /** Addresses that are not of the public Internet are taken as well. */
  readonly allowPrivate: boolean
  readonly limitBytes: number
  readonly signal: AbortSignal
  /** The system's unless given. */
  readonly lookup?: LookupFunction | undefined
}

/** @throws ToolError `tool.private-address`, `tool.unreachable`, `tool.too-large`; the signal's reason */
export async function getOnce(url: URL, options: RequestOptions): Promise<Response> {
  const { allowPrivate, limitBytes, signal, lookup = systemLookup as LookupFunction } = options
  const name = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(name) !== 0 && !allowPrivate && !isPublic(name)) throw privateAddress(url, name)
  const checked: LookupFunction = (hostname, asked, done) =>
    lookup(hostname, { ...asked, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : []
      const refused = allowPrivate ? undefined : addresses.find(({ address }) => !isPublic(address))
      const [first] = addresses
      if (error !== null) done(error, [])
      else if (refused !== undefined) done(privateAddress(url, refused.address), [])
      else if (asked.all === true) done(null, addresses)
      else done(first === undefined ? new Error('no address') : null, first?.address ?? '', first?.family)
    })
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, {
    agent: false,
    lookup: checked,
    signal,
    headers: {
      accept: 'text/*, application/json, */*;q=0.1',
      'accept-encoding': 'identity',
      'user-agent': 'skein',
    },
  })
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.once('error', reject)
      request.end()
    })
    const { statusCode: status = 0, headers } = response
    const body = status >= 300 && status < 400 ? Buffer.alloc(0) : await bodyOf(response, url, limitBytes)
    return { status, type: headers['content-type'] ?? '', location: headers.location, body }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof ToolError) throw cause
    throw new ToolError('unreachable', `${url.href} cannot be fetched: ${(cause as Error).message}`, {
      cause,
    })
  } finally {
    request.destroy()
  }
}

async function bodyOf(response: IncomingMessage, url: URL, limitBytes: number): Promise<Buffer> {
  if (!/^(?:identity)?$/i.test(response.headers['content-encoding'] ?? '')) {
    throw new ToolError(
      'unreachable',
      `${url.href} answers compressed though it was asked not to: use another page`,
    )
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) {
      throw new ToolError('too-large', `${url.href} has more than ${limitBytes} bytes: fetch a smaller page`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const privateAddress = (url: URL, address: string): ToolError =>
  new ToolError(
    'private-address',
    `"${url.hostname}" is at ${address}, which is no address of the public Internet: it is not fetched`,
  )
