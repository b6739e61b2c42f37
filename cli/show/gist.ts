/** What a message says, in a few words: the field of its body that tells most. */
import { oneLine } from './terminal.ts'

/** In the order of what they tell. */
const TELLING = ['title', 'question', 'answer', 'summary', 'reason', 'goal', 'text', 'name', 'message']

export function gist(type: string, body: unknown): string {
  if (typeof body !== 'object' || body === null)
    return body === undefined ? '' : oneLine(JSON.stringify(body))
  const fields = body as Record<string, unknown>
  if (type === 'review.revise') {
    const findings = fields.findings as { what: string; detail: string }[]
    return oneLine(`round ${fields.round}: ${findings.map(({ what }) => what).join('; ')}`)
  }
  if (type === 'review.request') {
    const { length } = fields.tasks as unknown[]
    return `${length} task${length === 1 ? '' : 's'} to review`
  }
  if (type === 'run.result') return oneLine(`${fields.outcome}: ${fields.reason}`)
  if (type === 'failure') return oneLine(`${fields.kind}: ${fields.reason}`)
  const told = TELLING.map((name) => fields[name]).find((value) => typeof value === 'string' && value !== '')
  return oneLine(typeof told === 'string' ? told : JSON.stringify(body))
}
