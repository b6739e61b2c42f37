/**
 * What people, models and tools said, as span attributes: JSON by the GenAI conventions. It is recorded only where
 * somebody asked for it; then redacted first and cut afterwards, since a secret that is cut in half is still half told.
 * Spans stand in records, so what they hold is bounded: the size of each text, and of all texts of an attribute.
 */
import { assertNever } from '../../protocols/errors.ts'
import { GEN_AI_CONTENT } from '../../traces/names.ts'
import type { AttributeValue } from '../../traces/span.ts'
import type { ChatReply, ChatRequest, TranscriptEntry } from '../model/model.ts'

export type ContentPolicy = {
  readonly redact: (text: string) => string
  /** Characters of any one text: a message, the arguments of a call, a result. */
  readonly maxCharacters: number
}

/** Characters of all texts of one attribute. Of a prompt the last ones: what came before stands in earlier spans. */
const MAX_ATTRIBUTE = 65_536
/** Calls of a reply that are recorded: its first ones. */
const MAX_CALLS = 16

type Attributes = Readonly<Record<string, AttributeValue>>

type Part =
  | { readonly type: 'text'; readonly content: string }
  | { readonly type: 'tool_call'; readonly id: string; readonly name: string; readonly arguments: string }
  | { readonly type: 'tool_call_response'; readonly id: string; readonly response: string }
type Message = { readonly role: 'user' | 'assistant' | 'tool'; readonly parts: readonly Part[] }

export function promptContent({ instructions, transcript }: ChatRequest, policy: ContentPolicy): Attributes {
  const messages: Message[] = []
  let room = MAX_ATTRIBUTE
  for (let at = transcript.length - 1; at >= 0 && room > 0; at--) {
    const message = messageOf(transcript[at]!, policy)
    room -= JSON.stringify(message).length
    if (room >= 0 || messages.length === 0) messages.unshift(message)
  }
  const left = transcript.length - messages.length
  const said = (count: number) => text(`[${count} messages before these are left out]`)
  return {
    [GEN_AI_CONTENT.systemInstructions]: JSON.stringify([text(told(instructions, policy))]),
    [GEN_AI_CONTENT.inputMessages]: JSON.stringify(
      left === 0 ? messages : [{ role: 'user', parts: [said(left)] }, ...messages],
    ),
  }
}

export function replyContent(
  { text: words, calls, answer, finish }: ChatReply,
  policy: ContentPolicy,
): Attributes {
  const entry = { kind: 'reply' as const, text: words, calls, ...(answer && { answer }) }
  return {
    [GEN_AI_CONTENT.outputMessages]: JSON.stringify([{ ...messageOf(entry, policy), finish_reason: finish }]),
  }
}

export const argumentsContent = (input: unknown, policy: ContentPolicy): Attributes => ({
  [GEN_AI_CONTENT.toolCallArguments]: told(input, policy),
})

export const resultContent = (output: unknown, policy: ContentPolicy): Attributes => ({
  [GEN_AI_CONTENT.toolCallResult]: told(output, policy),
})

function messageOf(entry: TranscriptEntry, policy: ContentPolicy): Message {
  switch (entry.kind) {
    case 'message': {
      const body = told(entry.body, policy)
      return { role: 'user', parts: [text(`[${entry.type} from ${entry.from}] ${body}`)] }
    }
    case 'reply': {
      const unsaid = entry.calls.length - MAX_CALLS
      const calls = entry.calls.slice(0, MAX_CALLS).map(
        ({ id, tool, input }): Part => ({
          type: 'tool_call',
          id,
          name: tool,
          arguments: told(input, policy),
        }),
      )
      const answer = entry.answer && text(`[${entry.answer.type}] ${told(entry.answer.body, policy)}`)
      const words = entry.text === '' ? [] : [text(told(entry.text, policy))]
      const more = unsaid > 0 ? [text(`[${unsaid} more calls are left out]`)] : []
      return { role: 'assistant', parts: [...words, ...calls, ...more, ...(answer ? [answer] : [])] }
    }
    case 'result':
      return { role: 'tool', parts: [response(entry.call, told(entry.output, policy))] }
    case 'error':
      return { role: 'tool', parts: [response(entry.call, told(`${entry.code}: ${entry.message}`, policy))] }
    case 'correction':
      return { role: 'user', parts: [text(told(`[correction] ${entry.text}`, policy))] }
    default:
      return assertNever(entry)
  }
}

const text = (content: string): Part => ({ type: 'text', content })
const response = (id: string, response: string): Part => ({ type: 'tool_call_response', id, response })

function told(value: unknown, { redact, maxCharacters }: ContentPolicy): string {
  // Each string before it is JSON: there a line ends in two letters, and a quote has a stroke before it.
  const clean = (_: string, part: unknown) => (typeof part === 'string' ? redact(part) : part)
  const whole = redact(typeof value === 'string' ? value : (JSON.stringify(value, clean) ?? ''))
  return whole.length <= maxCharacters
    ? whole
    : `${whole.slice(0, maxCharacters)}… (${whole.length} characters)`
}
