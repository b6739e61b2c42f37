/** Which URLs a role may fetch: hosts, or the beginnings of URLs. */
import { isIP } from 'node:net'
import { ToolError } from '../tool.ts'

export type Allowed = {
  readonly protocol: 'http:' | 'https:'
  /** As `URL.host` has it: with a port, where it is not the usual one. */
  readonly host: string
  /** Also the hosts below it: `*.example.org`. */
  readonly below: boolean
  readonly path: string
  /** It names a host in figures, or `localhost`: then its address need not be public. */
  readonly isExplicit: boolean
}

/**
 * `docs.example.org` (over https), `*.example.org`, `https://example.org/docs/`, `http://127.0.0.1:8080`.
 * @throws ToolError `tool.allow` for what is none of these
 */
export function allowedUrl(text: string): Allowed {
  const below = /^(?:https?:\/\/)?\*\./.test(text)
  const bare = below ? text.replace('*.', '') : text
  const given = /^https?:\/\//.test(bare) ? bare : `https://${bare}`
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (
    url === undefined ||
    /[*\s]/.test(bare) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new ToolError(
      'allow',
      `"${text}" allows no URLs: write a host like "docs.example.org" or "*.example.org", or the beginning of a URL like "https://example.org/docs/"`,
    )
  }
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return {
    protocol: url.protocol as 'http:' | 'https:',
    host: url.host,
    below,
    path: url.pathname,
    isExplicit: !below && (isIP(name) !== 0 || name === 'localhost'),
  }
}

/** The entry that allows a URL. A path allows itself and what lies below it: `/docs` not `/docs-old`. */
export function allowing(allow: readonly Allowed[], url: URL): Allowed | undefined {
  return allow.find(
    ({ protocol, host, below, path }) =>
      url.protocol === protocol &&
      (url.host === host || (below && url.host.endsWith(`.${host}`))) &&
      (path === '/' ||
        url.pathname === path ||
        url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`)) &&
      !/%2e|%2f|%5c/i.test(path === '/' ? '' : url.pathname),
  )
}
