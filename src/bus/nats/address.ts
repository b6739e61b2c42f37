/**
 * Where the server is and who we are to it. A URL may carry credentials, so whatever is shown of it goes through
 * here: no error, status or log ever tells them.
 */
import { InvalidError } from '../../../protocols/errors.ts'

export type Credentials = {
  readonly token?: string
  readonly user?: string
  readonly pass?: string
}

export type Address = {
  /** `host:port` of each server. */
  readonly servers: readonly string[]
  /** The URL as people may see it. */
  readonly shown: string
  /** What the URL itself said: `nats://token@host` or `nats://user:pass@host`. */
  readonly credentials: Credentials
  /** `tls://`: refuse a server that does not encrypt. */
  readonly tls: boolean
}

const DEFAULT_PORT = '4222'

/** Reads `nats://host:4222`, or several of them with commas between. @throws InvalidError */
export function parseAddress(url: string): Address {
  try {
    const urls = url.split(',').map(parseOne)
    return {
      servers: urls.map(host),
      shown: urls.map((one) => `${one.protocol}//${host(one)}`).join(','),
      credentials: credentialsOf(urls),
      tls: urls.some((one) => one.protocol === 'tls:'),
    }
  } catch {
    // Neither the text nor the cause is kept: what cannot be parsed may hold a password anywhere.
    throw new InvalidError(
      'nats-url',
      'the NATS URL cannot be read: write nats://host:4222, or tls://host:4222 to insist on encryption',
    )
  }
}

function parseOne(text: string): URL {
  const trimmed = text.trim()
  const url = new URL(trimmed.includes('://') ? trimmed : `nats://${trimmed}`)
  if (url.hostname === '' || !['nats:', 'tls:'].includes(url.protocol)) throw new TypeError('not a NATS URL')
  return url
}

const host = (url: URL) => `${url.hostname}:${url.port || DEFAULT_PORT}`

function credentialsOf(urls: readonly URL[]): Credentials {
  const url = urls.find((one) => one.username !== '')
  if (url === undefined) return {}
  const name = decodeURIComponent(url.username)
  return url.password === '' ? { token: name } : { user: name, pass: decodeURIComponent(url.password) }
}
