import { describe, expect, it } from 'vitest'
import { chooseContent } from '../../src/flock/choose-content.ts'
import type { ChatRequest } from '../../src/model/model.ts'
import { type ContentPolicy, promptContent, replyContent, resultContent } from '../../src/role/content.ts'

const policy: ContentPolicy = {
  redact: (text) => text.replaceAll('hunter22', '[redacted]'),
  maxCharacters: 40,
}

const request: ChatRequest = {
  role: 'coder',
  instructions: 'Write code. The password is hunter22.',
  transcript: [
    { kind: 'message', type: 'task.request', from: 'planner-1', body: { what: 'mend it' } },
    { kind: 'reply', text: 'I look.', calls: [{ id: 'c1', tool: 'read_file', input: { path: 'a.js' } }] },
    { kind: 'result', call: 'c1', tool: 'read_file', output: { text: 'hunter22' } },
    { kind: 'correction', text: 'say it again' },
  ],
  tools: [],
  answers: [],
}
const parsed = (attributes: object, name: string): unknown =>
  JSON.parse((attributes as Record<string, string>)[`gen_ai.${name}`]!)

describe('the content of a prompt', () => {
  it('is told by the GenAI conventions, without what is to be redacted', () => {
    const content = promptContent(request, { ...policy, maxCharacters: 1_000 })
    expect(parsed(content, 'system_instructions')).toEqual([
      { type: 'text', content: 'Write code. The password is [redacted].' },
    ])
    expect(parsed(content, 'input.messages')).toEqual([
      {
        role: 'user',
        parts: [{ type: 'text', content: '[task.request from planner-1] {"what":"mend it"}' }],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'I look.' },
          { type: 'tool_call', id: 'c1', name: 'read_file', arguments: '{"path":"a.js"}' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '{"text":"[redacted]"}' }] },
      { role: 'user', parts: [{ type: 'text', content: '[correction] say it again' }] },
    ])
  })

  it('is cut, after it was redacted: half a secret is half told', () => {
    const long = `${'x'.repeat(36)}hunter22`
    const { 'gen_ai.tool.call.result': told } = resultContent(long, policy)
    expect(told).toBe(`${'x'.repeat(36)}[red… (46 characters)`)
  })

  it('is redacted before it is JSON, where lines end in two letters', () => {
    const { redact } = chooseContent({
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
      SKEIN_REDACT: '\\bACME-\\d+',
    })!
    const text = 'x\nsk-abcdefghijklmnop1234\n\tghp_abcdefghij0123456789\nAKIAABCDEFGHIJKLMNOP\nACME-1234'
    const { 'gen_ai.tool.call.result': told } = resultContent({ text }, { redact, maxCharacters: 1_000 })
    expect(told).toBe(JSON.stringify({ text: 'x\n[redacted]\n\t[redacted]\n[redacted]\n[redacted]' }))
  })

  it('is that of its last messages, as many as there is room for, and says how many came before', () => {
    const transcript = Array.from({ length: 60 }, (_, index) => ({
      kind: 'correction' as const,
      text: `${index} ${'x'.repeat(4_000)}`,
    }))
    const content = promptContent({ ...request, transcript }, { ...policy, maxCharacters: 5_000 })
    const messages = parsed(content, 'input.messages') as object[]
    expect(JSON.stringify(messages).length).toBeLessThan(70_000)
    expect(JSON.stringify(messages[0])).toContain(`${60 - (messages.length - 1)} messages before these`)
    expect(JSON.stringify(messages.at(-1))).toContain('59 x')
  })
})

describe('the content of a reply', () => {
  it('is its text, its calls and its answer', () => {
    const content = replyContent(
      { text: '', calls: [], answer: { type: 'task.result', body: 1 }, finish: 'stop', model: 'm' },
      policy,
    )
    expect(parsed(content, 'output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: '[task.result] 1' }], finish_reason: 'stop' },
    ])
  })
})
