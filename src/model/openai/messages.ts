/**
 * A transcript as chat messages. An endpoint caches the prompt by its prefix, so the instructions come first, the
 * entries follow in their order, and an entry is rendered the same in every call.
 */
import type { OpenAI } from 'openai'
import { assertNever } from '../../../protocols/errors.ts'
import type { TranscriptEntry } from '../model.ts'

type Message = OpenAI.ChatCompletionMessageParam

/** @param system whether the instructions are a message of their own, or the beginning of what the user says */
export function renderMessages(
  instructions: string,
  transcript: readonly TranscriptEntry[],
  system: 'message' | 'merged' = 'message',
): Message[] {
  const entries = transcript.map(renderEntry)
  if (system === 'message') return [{ role: 'system', content: instructions }, ...entries]
  return merged([{ role: 'user', content: instructions }, ...entries])
}

/** Neighbouring messages of the user, as one. */
function merged(messages: readonly Message[]): Message[] {
  const kept: Message[] = []
  for (const message of messages) {
    const last = kept.at(-1)
    if (message.role === 'user' && last?.role === 'user') {
      kept[kept.length - 1] = { role: 'user', content: `${last.content}\n\n${message.content}` }
    } else kept.push(message)
  }
  return kept
}

function renderEntry(entry: TranscriptEntry): Message {
  switch (entry.kind) {
    case 'message':
      // A body is JSON on one line: it cannot contain a line that looks like the header of another message.
      return { role: 'user', content: `[${entry.type} from ${entry.from}]\n${renderJson(entry.body)}` }
    case 'reply':
      return renderReply(entry)
    case 'result':
      return { role: 'tool', tool_call_id: entry.call, content: renderJson(entry.output) }
    case 'error': {
      const error = { code: entry.code, message: entry.message }
      return { role: 'tool', tool_call_id: entry.call, content: renderJson({ error }) }
    }
    case 'correction':
      return { role: 'user', content: `[correction]\n${entry.text}` }
    default:
      return assertNever(entry)
  }
}

function renderReply(reply: TranscriptEntry & { kind: 'reply' }): Message {
  if (reply.calls.length === 0) {
    const said = reply.text === '' && reply.answer !== undefined ? renderJson(reply.answer.body) : reply.text
    return { role: 'assistant', content: said }
  }
  return {
    role: 'assistant',
    // Some endpoints refuse the empty text here, none refuses null.
    content: reply.text === '' ? null : reply.text,
    tool_calls: reply.calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.tool, arguments: renderJson(call.input) },
    })),
  }
}

const renderJson = (value: unknown) => JSON.stringify(value ?? null)
