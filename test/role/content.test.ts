import { describe, expect, it } from 'vitest'
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

  it('is that of its last messages, and says how many came before', () => {
    const transcript = Array.from({ length: 30 }, (_, index) => ({
      kind: 'correction' as const,
      text: `${index}`,
    }))
    const messages = parsed(promptContent({ ...request, transcript }, policy), 'input.messages') as object[]
    expect(messages).toHaveLength(21)
    expect(JSON.stringify(messages[0])).toContain('10 messages before these are left out')
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
