import { describe, expect, it } from 'vitest'
import { type ChatReply, type ChatRequest, collectReply } from '../../src/model/model.ts'
import { type RecordedCall, recordedModel } from '../../src/recording/recorded-model.ts'
import { modelContract } from '../contracts/model.ts'

const request = (text: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  role: 'worker',
  instructions: 'Work.',
  transcript: [{ kind: 'message', type: 'work.request', from: 'starter-1', body: { text } }],
  tools: [{ name: 'look', description: 'looks', input: {} }],
  answers: [{ type: 'work.result', description: 'a result', body: {} }],
  ...more,
})

const call = ({ role, transcript, ...parts }: ChatRequest, result: RecordedCall['result']): RecordedCall => {
  const { instructions, tools, answers } = parts
  return { role, transcript, parts: { role, instructions, tools, answers, parameters: {} }, result }
}

const said = (text: string, more: Partial<ChatReply> = {}): RecordedCall['result'] => ({
  ok: true,
  reply: { text, calls: [], finish: 'stop', model: 'big-model', ...more },
})

const answer = { type: 'work.result', body: { tokens: 7 } }
const calls = [
  call(request('answer'), said('Here.', { answer, usage: { inputTokens: 10, outputTokens: 3 } })),
  call(
    request('call'),
    said('', { calls: [{ id: 'c1', tool: 'look', input: { at: 'it' } }], finish: 'tool_calls' }),
  ),
  call(request('fail'), {
    ok: false,
    error: { code: 'model.unavailable', message: 'it was down', retryable: true },
  }),
]

modelContract('the recorded model', async () => ({
  model: recordedModel({ name: 'big-model', calls }),
  answering: request('answer'),
  calling: request('call'),
  failing: request('fail'),
  close: async () => {},
}))

describe('the recorded model', () => {
  const ask = (model: ReturnType<typeof recordedModel>, given: ChatRequest) =>
    collectReply(model.stream(given, { signal: new AbortController().signal }))

  it('answers the same prompt in the order in which it was answered, then as it did last', async () => {
    const twice = [call(request('say'), said('one')), call(request('say'), said('two'))]
    const model = recordedModel({ name: 'big-model', calls: twice })
    const texts = []
    for (let time = 0; time < 3; time++) texts.push((await ask(model, request('say'))).text)
    expect(texts).toEqual(['one', 'two', 'two'])
  })

  it('says what is different in a prompt that was not recorded', async () => {
    const model = recordedModel({ name: 'big-model', calls })
    await expect(ask(model, request('answer', { instructions: 'Work well.' }))).rejects.toMatchObject({
      code: 'model.not-recorded',
      retryable: false,
      message: expect.stringMatching(/the instructions of "worker"\n {2}- Work\.\n {2}\+ Work well\./),
    })
    await expect(ask(model, request('another'))).rejects.toThrow('entry 1 of the transcript')
    await expect(ask(model, request('answer', { role: 'other' }))).rejects.toThrow('no call of "other"')
  })
})
