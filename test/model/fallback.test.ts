import { describe, expect, it } from 'vitest'
import { fallbackModel } from '../../src/model/fallback.ts'
import { type ChatRequest, collectReply, type Model, ModelError } from '../../src/model/model.ts'
import { simulatedModel } from '../../src/model/simulated.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { modelContract, readUntilError } from '../contracts/model.ts'
import { request } from './openai-case.ts'

const signal = new AbortController().signal
const fails = (code: string, retryable = true): Model => ({
  provider: 'test',
  name: `${code}-1`,
  // biome-ignore lint/correctness/useYield: it fails before it says anything
  async *stream() {
    throw new ModelError(code, 'no', { retryable })
  },
})

/** Answers, and keeps what it was asked. */
function answers(name: string, before = 0): Model & { readonly asked: ChatRequest[] } {
  const asked: ChatRequest[] = []
  return {
    ...{ provider: 'test', name, asked },
    async *stream(request) {
      asked.push(request)
      for (let texts = 0; texts < before; texts++) yield { kind: 'text', text: 'Hm. ' }
      if (before > 0) throw new ModelError('unavailable', 'broke off', { retryable: true })
      yield { kind: 'answer', type: request.answers[0]!.type, body: {} }
      yield { kind: 'end', finish: 'stop', model: name }
    },
  }
}

modelContract('a model with a fallback', async () => {
  const steps = simulatedModel({
    clock: systemClock(),
    reply: ({ instructions, tools }) => ({
      ...{ latencyMs: 0, usage: { inputTokens: 3, outputTokens: 2 } },
      step:
        instructions === 'Fail.'
          ? { kind: 'give-up', reason: 'told to' }
          : tools.length > 0
            ? { kind: 'call', tool: 'search', input: { query: 'geese' } }
            : { kind: 'answer', type: request.answers[0]!.type, body: {} },
    }),
  })
  return {
    model: fallbackModel([fails('unavailable'), steps]),
    answering: { ...request, tools: [] },
    calling: request,
    failing: { ...request, instructions: 'Fail.' },
    close: async () => {},
  }
})

describe('where a model', () => {
  it.each(['unavailable', 'unreachable', 'timeout', 'rate-limited', 'not-found'])(
    'is %s the next one is asked, and somebody told',
    async (code) => {
      const passed: string[] = []
      const next = answers('next')
      const model = fallbackModel([fails(code), fails('not-found', false), next], {
        onFallback: ({ from, to, error }) => passed.push(`${from.name} ${to.name} ${error.code}`),
      })
      expect((await collectReply(model.stream(request, { signal }))).model).toBe('next')
      expect(passed).toEqual([`${code}-1 not-found-1 model.${code}`, 'not-found-1 next model.not-found'])
    },
  )

  it.each(['unauthorized', 'bad-request', 'bad-answer', 'refused', 'cut', 'context-length'])(
    'fails as %s no other is asked',
    async (code) => {
      const next = answers('next')
      const { error } = await readUntilError(
        fallbackModel([fails(code, false), next]).stream(request, { signal }),
      )
      expect(error).toMatchObject({ code: `model.${code}` })
      expect(next.asked).toEqual([])
    },
  )

  it('has begun its reply no other is asked', async () => {
    const next = answers('next')
    const { chunks, error } = await readUntilError(
      fallbackModel([answers('first', 1), next]).stream(request, { signal }),
    )
    expect([chunks.length, (error as ModelError).code, next.asked]).toEqual([1, 'model.unavailable', []])
  })

  it('is named by the request, the others still go by their own names', async () => {
    const next = answers('next')
    await collectReply(
      fallbackModel([fails('timeout'), next]).stream({ ...request, model: 'big' }, { signal }),
    )
    expect(next.asked).toEqual([request])
  })

  it('may answer later and the others never, the failure says so', async () => {
    const model = fallbackModel([fails('rate-limited'), fails('not-found', false)])
    const { error } = await readUntilError(model.stream(request, { signal }))
    expect(error).toMatchObject({ code: 'model.rate-limited', retryable: true })
  })
})
