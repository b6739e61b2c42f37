/**
 * Whether spans hold what was said, by OpenTelemetry's own variables, and what of it they must not hold: the values of
 * this process's secrets, and what the user names in `SKEIN_REDACT`.
 */
import type { Env } from '../embedded/command.ts'
import type { ContentPolicy } from '../role/content.ts'
import { FlockError } from './errors.ts'

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'

/** Characters of a text: a long answer, not a whole file. */
const MAX_CHARACTERS = 4_096

/** Variables whose values are secrets, by their names. */
const SECRET_NAME = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|PAT|DSN|COOKIE|CREDENTIALS?|AUTH|_HEADERS)$/i
/** Set by every shell: where it is, and where it was. */
const DIRECTORIES = new Set(['PWD', 'OLDPWD'])
/** A shorter value would be found in innocent text. */
const MIN_SECRET_LENGTH = 8

/** Keys by their look, as providers make them: `sk-…`, `ghp_…`, `AKIA…`, `AIza…`, a bearer token, a JSON web token. */
const SECRET_TEXT =
  /(?<![A-Za-z0-9])(?:(?:sk|pk|rk)-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}(?![0-9A-Z])|AIza[\w-]{30,}|eyJ[\w-]{8,2000}\.eyJ[\w-]{8,}\.[\w-]{8,}|(?:Bearer|Basic)\s+[\w.~+/-]{16,}=*)/g

/** What stands behind the name of a header that tells who one is. It looks back so far only, wherever it looks. */
const SECRET_HEADER =
  /(?<=\b(?:proxy-authorization|authorization|x-api-key|api-key|x-goog-api-key|cookie)["']?\s{0,9}[:=]\s{0,9}["']?(?:\w{1,32}\s{1,9})?)[^\s"',;]{8,}/gi

export const REDACTED = '[redacted]'

/** Undefined where nobody asked for content. @throws FlockError `flock.redact` for a pattern that is none */
export function chooseContent(env: Env): ContentPolicy | undefined {
  if (!/^(true|span_only|span_and_event)$/i.test(env[CAPTURE] ?? '')) return undefined
  return { redact: redactor(env), maxCharacters: MAX_CHARACTERS }
}

/** Takes the values of secrets out of a text. @throws as `chooseContent` */
export function redactor(env: Env): ContentPolicy['redact'] {
  const secrets = Object.entries(env).flatMap(([name, value = '']) =>
    [...(isSecret(name) ? [value, ...headersIn(name, value)] : []), ...passwordIn(value)]
      .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
  )
  // The longest first, since one may be a part of another.
  const literal = [...new Set(secrets)].sort((a, b) => b.length - a.length)
  const patterns = [SECRET_TEXT, SECRET_HEADER, ...(env.SKEIN_REDACT ? [patternOf(env.SKEIN_REDACT)] : [])]
  return (text) => {
    let clean = text
    for (const secret of literal) clean = clean.replaceAll(secret, REDACTED)
    for (const pattern of patterns) clean = clean.replace(pattern, REDACTED)
    return clean
  }
}

const isSecret = (name: string): boolean => SECRET_NAME.test(name) && !DIRECTORIES.has(name)

/** Of the headers of an exporter (`a=b,c=d`, in per cent): as they are written, and as they are sent. */
function headersIn(name: string, value: string): string[] {
  if (!/_HEADERS$/i.test(name)) return []
  return value.split(',').flatMap((pair) => {
    const told = pair.slice(pair.indexOf('=') + 1).trim()
    return [told, decoded(told)]
  })
}

/** Of an address, as of a server: as it stands there, and as it is meant. */
function passwordIn(value: string): string[] {
  const password = value.includes('://') && URL.canParse(value) ? new URL(value).password : ''
  return password === '' ? [] : [password, decoded(password)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source, 'gu')
  } catch (cause) {
    throw new FlockError(
      'redact',
      `SKEIN_REDACT "${source}" is no regular expression: ${(cause as Error).message}. Correct it, or unset ${CAPTURE}`,
      { cause },
    )
  }
}
