import { describe, expect, it } from 'vitest'
import { type ChatRequest, collectReply, ModelError } from '../../src/model/model.ts'
import { answer, call, delay, fail, reply, scriptedModel, when } from '../../src/testing/index.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { modelContract } from '../contracts/model.ts'

const request = (role: string): ChatRequest => ({
  role,
  instructions: '',
  transcript: [{ kind: 'message', type: 'work.request', from: 'starter-1', body: { what: 'milk' } }],
  tools: [{ name: 'look', description: 'looks', input: {} }],
  answers: [{ type: 'work.result', description: 'a result', body: {} }],
})

const ask = (model: ReturnType<typeof scriptedModel>, role = 'worker') =>
  collectReply(model.stream(request(role), { signal: new AbortController().signal }))

modelContract('a scripted model', async () => ({
  model: scriptedModel({
    answerer: () => answer('work.result', { done: true }),
    caller: () => call('look', { at: 'it' }),
    quitter: () => fail('refused'),
  }),
  answering: request('answerer'),
  calling: request('caller'),
  failing: request('quitter'),
  troubled: { skip: 'it says what it is told: nothing is asked that could misbehave' },
  close: async () => {},
}))

describe('a scripted model', () => {
  it('says its steps in turn, each role its own, and keeps what it was asked', async () => {
    const done = answer('work.result', {})
    const model = scriptedModel({ clerk: [call('look'), done], '*': [reply.text('hm')] })
    expect((await ask(model, 'clerk')).calls).toEqual([{ id: 'call-1-1', tool: 'look', input: {} }])
    expect((await ask(model, 'reader')).text).toBe('hm')
    expect(model.left()).toEqual({ clerk: 1 })
    expect((await ask(model, 'clerk')).answer).toEqual({ type: 'work.result', body: {} })
    expect(model.left()).toEqual({})
    expect(model.requestsOf('clerk')).toHaveLength(2)
    expect(model.requests.map(({ role }) => role)).toEqual(['clerk', 'reader', 'clerk'])
  })

  it('says a text, several calls and its usage in one reply', async () => {
    const usage = { inputTokens: 10, outputTokens: 3 }
    const model = scriptedModel([reply(reply.text('So. '), call('look', 1), call('look', 2), { usage })])
    const said = await ask(model)
    expect(said).toMatchObject({ text: 'So. ', finish: 'tool_calls', usage })
    expect(said.calls.map(({ input }) => input)).toEqual([1, 2])
  })

  it('fails as adapters do, in a way that may pass or not, and after what it had said', async () => {
    const model = scriptedModel([
      fail('unavailable'),
      fail('refused'),
      reply(reply.text('I th'), fail('cut')),
    ])
    await expect(ask(model)).rejects.toMatchObject({ code: 'model.unavailable', retryable: true })
    await expect(ask(model)).rejects.toMatchObject({ code: 'model.refused', retryable: false })
    const texts: string[] = []
    const signal = new AbortController().signal
    const cut = collectReply(model.stream(request('worker'), { signal }), (text) => texts.push(text))
    await expect(cut).rejects.toBeInstanceOf(ModelError)
    expect(texts).toEqual(['I th'])
    expect(model.problem()).toBeUndefined()
  })

  it('takes its time by the clock that it is given', async () => {
    const clock = virtualClock()
    const model = scriptedModel([delay(5_000, () => answer('work.result', {}))], { clock })
    const asked = ask(model)
    await new Promise(setImmediate)
    expect(clock.due()).toBe(5_000)
    clock.step()
    expect((await asked).answer).toBeDefined()
  })

  it.each([
    ['when no step is left', [], /has 0 steps, and "worker" asks for another\. Add one/],
    ['for a role that it does not know', { clerk: [] }, /nothing for the role "worker": it has clerk/],
    [
      'when it expects another request',
      [when(/"beer"/, call('look'))],
      /step 1 of the script expects \/"beer"\//,
    ],
    [
      'when a step of it throws',
      () => {
        throw new TypeError('no such thing')
      },
      /step 1 of the script threw TypeError: no such thing/,
    ],
  ])('says what was asked %s', async (_, script, text) => {
    const model = scriptedModel(script)
    await expect(ask(model)).rejects.toMatchObject({
      code: 'model.script',
      retryable: false,
      message: expect.stringMatching(text),
    })
    expect(model.problem()?.message).toContain('"what":"milk"')
    expect(model.problem()?.message).toContain('It may call look, and end with work.result.')
  })
})
