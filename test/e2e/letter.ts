/** A letter to a role from outside of skein: headers and bytes, as anybody with a NATS client writes them. */
import { HEADER } from '../../protocols/envelope.ts'
import type { Frame } from '../../src/bus/frame.ts'

/** Who writes. Answers come to the mailbox of this peer. */
export const WRITER = { role: 'clerk', peer: 'clerk-1' } as const

/** A question to the researcher, well formed but for what is given. */
export function letter(
  number: number,
  given: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
): Frame {
  const id = `r-outside/desk>r-outside/inquiry-${number}#1`
  const body = given.body ?? JSON.stringify({ question: 'How late is it?', subject: null, known: [] })
  return {
    headers: {
      [HEADER.id]: id,
      [HEADER.type]: 'question.ask',
      [HEADER.version]: '1',
      [HEADER.from]: `${WRITER.role}/${WRITER.peer}`,
      [HEADER.to]: 'researcher',
      [HEADER.run]: 'r-outside',
      [HEADER.deadline]: '9000000000000',
      [HEADER.hops]: '8',
      [HEADER.stake]: '1p0',
      [HEADER.sentAt]: '1700000000000',
      [HEADER.traceparent]: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
      ...given.headers,
    },
    body: new TextEncoder().encode(body),
  }
}
