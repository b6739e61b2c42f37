import { describe, expect, it } from 'vitest'
import type { ModelError } from '../../src/model/model.ts'
import { answer, findings, question, request, startModel, textOf } from './openai-case.ts'

describe('the reply', () => {
  it('passes text on as it comes, then the answer, the usage and the id', async () => {
    const { read } = await startModel(() => ({ json: answer, usage: { input: 40, output: 7 } }))
    const { chunks } = await read()
    expect(chunks.length).toBeGreaterThan(3)
    expect(JSON.parse(textOf(chunks))).toEqual(answer)
    expect(chunks.slice(-2)).toEqual([
      { kind: 'answer', type: 'task.result', body: answer },
      {
        kind: 'end',
        finish: 'stop',
        model: 'goose-1',
        responseId: 'chatcmpl-1',
        usage: { inputTokens: 40, outputTokens: 7 },
      },
    ])
  })

  it('puts calls together from their fragments, in order, beside text', async () => {
    const calls = [
      { id: 'a', name: 'search', arguments: { query: 'a long query about geese' } },
      { id: 'b', name: 'search', arguments: { query: 'ducks' } },
    ]
    const { collect } = await startModel(() => ({ text: 'I look it up.', calls }))
    expect(await collect()).toMatchObject({
      text: 'I look it up.',
      finish: 'tool_calls',
      calls: [
        { id: 'a', tool: 'search', input: { query: 'a long query about geese' } },
        { id: 'b', tool: 'search', input: { query: 'ducks' } },
      ],
    })
  })

  it('calls with an empty object where the model sent no arguments, and finishes with the calls', async () => {
    const { collect } = await startModel(() => ({
      calls: [{ name: 'search', arguments: '' }],
      finish: 'stop',
    }))
    expect(await collect()).toMatchObject({ finish: 'tool_calls', calls: [{ input: {} }] })
  })

  it('gives calls ids where the endpoint gave none', async () => {
    const call = { id: '', name: 'search', arguments: {} }
    const { collect } = await startModel(() => ({ calls: [call, call] }))
    expect((await collect()).calls.map(({ id }) => id)).toEqual(['chatcmpl-1-0', 'chatcmpl-1-1'])
  })

  it('reads an answer out of a fence', async () => {
    const { collect } = await startModel(() => ({
      text: `\`\`\`json\n${JSON.stringify(answer, null, 2)}\n\`\`\`\n`,
    }))
    expect((await collect()).answer).toEqual({ type: 'task.result', body: answer })
  })

  it('reads an answer whose outermost object was left out', async () => {
    const { collect } = await startModel(() => ({ json: { type: 'task.result', body: answer } }))
    const reply = await collect({ ...request, answers: [findings, question] })
    expect(reply.answer).toEqual({ type: 'task.result', body: answer })
  })

  it('tells no usage where the endpoint told none', async () => {
    const { collect } = await startModel(() => ({ json: answer, usage: null }))
    expect((await collect()).usage).toBeUndefined()
  })

  it.each(['length', 'content_filter'])(
    'has neither answer nor calls when %s broke it off',
    async (finish) => {
      const calls = [{ name: 'search', arguments: '{"quer' }]
      const { collect } = await startModel(() => ({ text: '{"text":"gee', calls, finish }))
      const reply = await collect()
      expect(reply).toMatchObject({ text: '{"text":"gee', calls: [], finish })
      expect(reply.answer).toBeUndefined()
    },
  )

  it('is kept when the connection broke after it was whole', async () => {
    const whole = { text: '[1]', breaks: { after: 3, how: 'cut' } } as const
    const { read } = await startModel(() => whole)
    const { chunks, error } = await read()
    expect(error).toBeUndefined()
    expect(chunks.at(-1)).toMatchObject({ kind: 'end', finish: 'stop' })
  })
})

describe('a bad reply', () => {
  const usage = { input: 40, output: 7 }
  const cost = { inputTokens: 40, outputTokens: 7 }

  it.each([
    ['prose', 'Geese take turns.', [findings], /one JSON object.*"Geese take turns\."/],
    ['nothing', '', [findings], /one JSON object/],
    [
      'an answer of another type',
      '{"answer":{"type":"x","body":1}}',
      [findings, question],
      /"task\.result" or/,
    ],
  ])(
    '%s instead of an answer is quoted, can be corrected, and says what it cost',
    async (_, text, answers, says) => {
      const { read } = await startModel(() => ({ text, usage }))
      const { error } = await read({ ...request, answers })
      expect(error).toMatchObject({ code: 'model.bad-answer', retryable: true, usage: cost })
      expect((error as ModelError).message).toMatch(says)
    },
  )

  it('is quoted short', async () => {
    const { read } = await startModel(() => ({ text: 'honk '.repeat(1_000) }))
    expect(((await read()).error as ModelError).message.length).toBeLessThan(300)
  })

  it.each([
    ['search', '{"query": geese}', /"search" are not JSON: "\{"query": geese\}"/],
    ['fly_away', '{}', /no tool "fly_away" to call, only search/],
  ])('a call of %s with %s names what is wrong', async (name, input, says) => {
    const { read } = await startModel(() => ({ calls: [{ name, arguments: input }], usage }))
    const { chunks, error } = await read()
    expect(chunks).toEqual([])
    expect(error).toMatchObject({ code: 'model.bad-call', retryable: true, usage: cost })
    expect((error as ModelError).message).toMatch(says)
  })

  it('a refusal is told in its own words, and not asked for again', async () => {
    const { read } = await startModel(() => ({ refusal: 'I will not chase geese.' }))
    const { error } = await read()
    expect(error).toMatchObject({ code: 'model.refused', retryable: false })
    expect((error as ModelError).message).toContain('I will not chase geese.')
  })
})
