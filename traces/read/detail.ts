/** What a view says of a span: who made it, what it is called, and what about it is worth a glance. */
import { GEN_AI, LINK, RESOURCE, SKEIN } from '../names.ts'
import type { AttributeValue, Span } from '../span.ts'
import { roundDuration } from './duration.ts'

/** The peer, else the process, else the service; '' where nothing is known. */
export function peerOf({ attributes, resource }: Span): string {
  const name =
    attributes[SKEIN.peer] ??
    resource[SKEIN.peer] ??
    resource[RESOURCE.serviceInstanceId] ??
    resource[RESOURCE.serviceName] ??
    ''
  return String(name)
}

/** The name, with XState's own events in fewer words: `turn done chat`, `turn after 2 s waiting`. */
export const labelOf = ({ name }: Span): string => eventLabel(name)

/** Likewise of an event, or of any text that has one in it. */
export function eventLabel(text: string): string {
  return text
    .replace(/\bxstate\.(done|error)\.actor\./, '$1 ')
    .replace(/\bxstate\.after\.(\d+)\.[^.]+\./, (_, ms) => `after ${roundDuration(Number(ms))} `)
}

/** Something worth a glance, in as many forms as there are, the longest first. */
export type Detail = readonly [string, ...string[]]

/**
 * Most telling first: why it failed, the states of a turn, the type of a message, the tokens of a chat, which attempt
 * it was, and what else its links say.
 */
export function detailsOf({ name, attributes, links = [], status }: Span): Detail[] {
  const details: Detail[] = []
  const add = (...forms: Detail) => details.push(forms)
  if (status?.code === 'error' && status.message) add(status.message)
  const { [SKEIN.stateFrom]: from, [SKEIN.stateTo]: to, [SKEIN.event]: event } = attributes
  if (to !== undefined && (from === undefined || from === to)) add(`${to}`)
  else if (to !== undefined) add(`${from} → ${to}`, `→ ${to}`)
  if (typeof event === 'string' && !name.includes(event)) add(event)
  const { [GEN_AI.usageInputTokens]: input, [GEN_AI.usageOutputTokens]: output } = attributes
  if (typeof input === 'number' && typeof output === 'number' && input + output > 0) {
    const tokens = `${shortCount(input)} → ${shortCount(output)}`
    add(`${tokens} tokens`, tokens, `→ ${shortCount(output)}`)
  }
  const attempt = attributes[SKEIN.attempt]
  if (typeof attempt === 'number' && attempt > 1) add(`attempt ${attempt}`)
  for (const word of new Set(links.flatMap(({ attributes }) => wordOf(attributes?.[SKEIN.link])))) add(word)
  const plain = links.filter(({ attributes }) => attributes?.[SKEIN.link] === undefined)
  if (plain.length > 0) add(plain.length === 1 ? '1 link' : `${plain.length} links`)
  return details
}

/** Of a link that is more than the message that a turn took. */
function wordOf(kind: AttributeValue | undefined): string[] {
  if (kind === LINK.redelivery) return ['delivered again']
  if (kind === LINK.resumption) return ['started again']
  return kind === LINK.adoption ? ['adopted'] : []
}

/** `812`, `1.2k`, `34k`, `1.2M` */
export function shortCount(count: number): string {
  if (count < 1_000) return `${count}`
  const [value, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M']
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`
}
