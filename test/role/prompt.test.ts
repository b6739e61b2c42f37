import { describe, expect, it } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import type { ChatRequest } from '../../src/model/model.ts'
import { promptSize } from '../../src/role/prompt.ts'

const origin = peerId('origin-r1')
const request: ChatRequest = {
  ...{ role: 'coder', instructions: 'Naïve.', transcript: [], tools: [], answers: [] },
}
const message = (from: string) =>
  ({ kind: 'message', type: 'task.result', from, body: { text: 'héllo' } }) as const
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
/** What two empty lists of schemas take. */
const EMPTY = 4

describe('the size of a prompt', () => {
  it('is in bytes, not in characters', () => {
    expect(promptSize(request, origin)).toMatchObject({ bytes: 7 + EMPTY, peerBytes: 0 })
    const transcript = [message('coder-1')]
    expect(promptSize({ ...request, transcript }, origin).bytes).toBe(7 + EMPTY + bytes(transcript[0]))
  })

  it('tells what other agents wrote from what the user, the model and tools did', () => {
    const told = { kind: 'result', call: '1', tool: 'ask_researcher', output: { answer: 'so' } } as const
    const read = { ...told, tool: 'read_file' }
    const reply = { kind: 'reply', text: 'Hm.', calls: [] } as const
    const transcript = [message(origin), message('coder-1'), reply, told, read]
    expect(promptSize({ ...request, transcript }, origin).peerBytes).toBe(bytes(transcript[1]) + bytes(told))
  })

  it('bounds its tokens: a token for each byte, the schemas twice, and something around each entry', () => {
    const tools = [{ name: 'weigh', description: '', input: { type: 'object' } }]
    const transcript = [message('coder-1'), message('coder-2')]
    const size = promptSize({ ...request, tools, transcript }, origin)
    const least = size.bytes + bytes(tools)
    expect(size.inputTokens).toBeGreaterThan(least)
    expect(size.inputTokens).toBeLessThan(least + 200)
  })
})
