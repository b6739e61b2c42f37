import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failure } from '../../protocols/failure.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import { type Model, ModelError } from '../../src/model/model.ts'
import { type CallRates, freeRates } from '../../src/rate/rate-limits.ts'
import { CORRECTIONS_LIMIT, STEPS_LIMIT } from '../../src/role/agent-context.ts'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { chatHandler } from '../../src/role/chat.ts'
import { defineRole } from '../../src/role/define.ts'
import { toolHandler } from '../../src/role/use-tool.ts'
import { sleep } from '../../src/time/clock.ts'
import { defineTool, ToolError } from '../../src/tools/tool.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { codec, peer, world } from '../turn/hosting.ts'
import { ask, done, job, message, NOW, order, told } from '../turn/stage.ts'
import { type Line, saying } from './saying.ts'

const weighed: string[] = []

const weigh = defineTool({
  name: 'weigh',
  description: 'Weighs a thing.',
  input: z.object({ thing: z.string() }),
  output: z.object({ grams: z.number() }),
  async run({ thing }) {
    if (thing === 'air') throw new ToolError('too-light', 'air cannot be weighed')
    weighed.push(thing)
    return { output: { grams: thing.length } }
  },
})
const recite = defineTool({
  name: 'recite',
  description: 'Says a page.',
  input: z.object({ page: z.number() }),
  output: z.object({ text: z.string() }),
  run: async ({ page }) => ({ output: { text: `page ${page} `.repeat(2_000) } }),
})
const destroy = defineTool({
  name: 'destroy',
  description: 'For the machine only.',
  input: z.object({}),
  output: z.object({}),
  run: async () => ({ output: {} }),
})

const clerk = defineRole({
  name: 'worker',
  description: 'weighs things',
  instructions: 'Weigh, then answer.',
  accepts: [order],
  answers: [done],
  asks: { helper: { message: ask, answers: [told] } },
  tools: [weigh, recite],
  machineTools: [destroy],
})

const answering: Line = { answer: { type: 'parcel.done', body: { what: 'milk' } } }
const milk = message(order, { what: 'milk' })

/** Gives the clerk an order, and a model that says these lines. */
async function ordered(...script: readonly Line[]) {
  const model = saying(...script)
  const here = world()
  const bench = async () => ({
    tree: undefined,
    documents: undefined,
    blobs: here.outside.blobs,
    records: here.outside.records,
    clock: here.clock,
    scratch: '',
  })
  await here.host({
    behaviour: behaviourOf(clerk),
    handlers: {
      chat: chatHandler({ role: clerk, model, blobs: here.outside.blobs }),
      tool: toolHandler({ role: clerk, bench }),
    },
  })
  await here.send(milk)
  await quiet()
  return { ...here, model, transcript: () => model.requests.at(-1)!.transcript }
}

describe('an agent', () => {
  it('answers when its model does', async () => {
    const { answers, model } = await ordered(answering)
    expect(await answers()).toEqual([{ type: 'parcel.done', body: { what: 'milk' }, correlation: milk.id }])
    expect(model.requests.map(({ transcript }) => transcript)).toEqual([
      [{ kind: 'message', type: 'parcel.order', from: 'client-1', body: { what: 'milk' } }],
    ])
  })

  it('loops over its model and its tools', async () => {
    const { answers, transcript, journal } = await ordered(
      { text: 'Let me see.', calls: [{ tool: 'weigh', input: { thing: 'milk' } }] },
      answering,
    )
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(transcript().slice(1)).toEqual([
      {
        kind: 'reply',
        text: 'Let me see.',
        calls: [{ id: 'call-1-1', tool: 'weigh', input: { thing: 'milk' } }],
      },
      { kind: 'result', call: 'call-1-1', tool: 'weigh', output: { grams: 4 } },
    ])
    expect((await journal(job)).at(-1)!.usage).toEqual({
      calls: 2,
      inputTokens: 0,
      outputTokens: 0,
      tools: 1,
    })
  })

  it('runs the calls of one reply one after another, and shows the model all results at once', async () => {
    weighed.length = 0
    const { transcript, model } = await ordered(
      { calls: ['a', 'bb', 'ccc'].map((thing) => ({ tool: 'weigh', input: { thing } })) },
      answering,
    )
    expect(weighed).toEqual(['a', 'bb', 'ccc'])
    expect(model.requests).toHaveLength(2)
    expect(transcript().slice(2)).toMatchObject([
      { kind: 'result', call: 'call-1-1', output: { grams: 1 } },
      { kind: 'result', call: 'call-1-2', output: { grams: 2 } },
      { kind: 'result', call: 'call-1-3', output: { grams: 3 } },
    ])
  })

  it('remembers everything, and its record stays small, however much its tools say', async () => {
    const page = (number: number) => `page ${number} `.repeat(2_000)
    const steps = 12
    const script = Array.from({ length: steps }, (_, step) => ({
      text: page(step),
      calls: [{ tool: 'recite', input: { page: step } }],
    }))
    const { transcript, journal } = await ordered(...script, answering)
    const said = transcript()
    expect(said).toHaveLength(1 + 2 * steps)
    expect(
      said.map((entry) => (entry.kind === 'reply' ? entry.text : 'output' in entry ? entry.output : null)),
    ).toEqual([null, ...script.flatMap(({ text }, step) => [text, { text: page(step) }])])
    const sizes = (await journal(job)).map((record) => JSON.stringify(record).length)
    expect(Math.max(...sizes)).toBeLessThan(5 * page(0).length)
  })

  it.each([
    ['that failed', ['weigh', { thing: 'air' }], 'tool.too-light', /air cannot/],
    ['that does not fit', ['weigh', { thing: 7 }], 'tool.input', /input of "weigh" does not fit: thing:/],
    [
      'of a tool that it does not have',
      ['fly', {}],
      'tool.unknown',
      /no tool "fly"; there are weigh, recite, ask_helper/,
    ],
    ['of a tool that only its machine may use', ['destroy', {}], 'tool.unknown', /no tool "destroy"/],
    [
      'of a question that does not fit',
      ['ask_helper', { about: 7 }],
      'tool.input',
      /"ask_helper" does not fit: about:/,
    ],
  ] as const)('tells its model of a call %s, and goes on', async (_, [tool, input], code, text) => {
    const { transcript, answers } = await ordered({ calls: [{ tool, input }] }, answering)
    expect(transcript().at(-1)).toMatchObject({
      kind: 'error',
      tool,
      code,
      message: expect.stringMatching(text),
    })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it.each([
    [
      'does not fit',
      { answer: { type: 'parcel.done', body: { what: 1 } } },
      /does not fit "parcel\.done": what:/,
    ],
    [
      'is of another type',
      { answer: { type: 'parcel.told', body: {} } },
      /"parcel\.told" is not an answer here.*: parcel\.done/,
    ],
    ['is none', { text: 'Done!' }, /call a tool, or answer with one of: parcel\.done/],
    ['was cut off', { text: 'Well', finish: 'length' }, /cut off: be shorter/],
    ['was filtered', { text: 'Well', finish: 'content_filter' }, /content filter stopped the reply/],
  ] as const)('corrects an answer that %s', async (_, line, text) => {
    const { transcript, answers } = await ordered(line, answering)
    expect(transcript().at(-1)).toMatchObject({ kind: 'correction', text: expect.stringMatching(text) })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('gives up after some corrections in a row, and says what was wrong', async () => {
    const { model, answers } = await ordered({ text: 'Done!' })
    expect(model.requests).toHaveLength(CORRECTIONS_LIMIT + 1)
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        correlation: milk.id,
        body: { kind: 'error', reason: expect.stringMatching(/4 answers in a row/) },
      },
    ])
  })

  it('that is cut off each time says what to set', async () => {
    const { answers } = await ordered({ text: 'Well', finish: 'length' })
    expect(await answers()).toMatchObject([
      { body: { reason: expect.stringMatching(/be shorter \(the reply reached .* "maxOutputTokens"/) } },
    ])
  })

  it('forgets earlier corrections once a reply was of use', async () => {
    const bad: Line = { text: 'Done!' }
    const good: Line = { calls: [{ tool: 'weigh', input: { thing: 'milk' } }] }
    const { answers } = await ordered(bad, bad, bad, good, bad, bad, bad, answering)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('gives up when it takes too many steps', async () => {
    const { model, answers } = await ordered({ calls: [{ tool: 'weigh', input: { thing: 'milk' } }] })
    expect(model.requests).toHaveLength(STEPS_LIMIT)
    expect(await answers()).toMatchObject([
      { body: { reason: `no answer after ${STEPS_LIMIT} calls to the model` } },
    ])
  })

  it('has an answer with its last step', async () => {
    const steps = Array.from(
      { length: STEPS_LIMIT - 1 },
      (): Line => ({ calls: [{ tool: 'weigh', input: { thing: 'milk' } }] }),
    )
    const { model, answers } = await ordered(...steps, answering)
    expect(model.requests).toHaveLength(STEPS_LIMIT)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('tries a faulty call to its model again, and tells it what was wrong', async () => {
    const fault = new ModelError('bad-answer', 'the answer is no JSON', { retryable: true })
    const { transcript, answers } = await ordered(fault, answering)
    expect(transcript().at(-1)).toEqual({ kind: 'correction', text: 'the answer is no JSON' })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('tells its model nothing of an endpoint that was away', async () => {
    const { model, answers, pass } = await ordered(
      new ModelError('unavailable', 'try later', { retryable: true }),
      answering,
    )
    await pass(2_000)
    expect(model.requests[1]?.transcript).toEqual(model.requests[0]?.transcript)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('leaves an endpoint that is away alone before it asks again, for longer each time', async () => {
    const { model, pass } = await ordered(new ModelError('unavailable', 'away', { retryable: true }))
    const asked: number[] = []
    for (const ms of [1_999, 1, 7_999, 1, 31_999, 1]) {
      await pass(ms)
      asked.push(model.requests.length)
    }
    expect(asked).toEqual([1, 2, 2, 3, 3, 4])
  })

  it('comes back when its endpoint says', async () => {
    const busy = new ModelError('rate-limited', 'busy', { retryable: true, retryAfterMs: 25_000 })
    const { model, answers, pass } = await ordered(busy, answering)
    await pass(24_999)
    expect(model.requests).toHaveLength(1)
    await pass(1)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('has as much time for a call that had to wait for its rate', async () => {
    const here = world()
    const slow: Model = {
      ...saying(),
      async *stream(request, options) {
        await sleep(here.clock, 200_000, options.signal)
        yield* saying(answering).stream(request, options)
      },
    }
    const rates: CallRates = {
      async wait(ask, signal) {
        await sleep(here.clock, 200_000, signal)
        return freeRates.wait(ask, signal)
      },
    }
    const chat = chatHandler({ role: clerk, model: slow, blobs: here.outside.blobs, rates })
    await here.host({ behaviour: behaviourOf(clerk), handlers: { chat } })
    await here.send(message(order, { what: 'milk' }, { deadline: NOW + 3_600_000 }))
    await here.pass(410_000)
    expect(await here.answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('does not wait for a limit of a day', async () => {
    const busy = new ModelError('rate-limited', 'tomorrow', { retryable: true, retryAfterMs: 86_400_000 })
    expect(await (await ordered(busy)).answers()).toMatchObject([
      { type: 'failure', body: { reason: 'tomorrow (model.rate-limited)' } },
    ])
  })

  it('remembers that its context is smaller than was known, and fits the next prompts into it at once', async () => {
    const refused = new ModelError('context-length', 'too large', { retryable: false, contextTokens: 9_000 })
    const page: Line = { calls: [{ tool: 'recite', input: { page: 1 } }] }
    const { model, answers } = await ordered(page, page, page, refused, page, answering)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    const leftOut = model.requests.map(
      ({ transcript }) => JSON.stringify(transcript).split('characters that recite gave').length - 1,
    )
    expect(leftOut).toEqual([0, 0, 0, 0, 2, 3])
    // The record keeps what the prompt leaves out.
    expect(model.requests[5]?.transcript).toHaveLength(9)
  })

  it.each([
    ['for good', new ModelError('unauthorized', 'no key', { retryable: false }), 1],
    ['again and again', new ModelError('unavailable', 'no key', { retryable: true }), CORRECTIONS_LIMIT + 1],
  ])('gives up when its model fails %s', async (_, error, calls) => {
    const { model, answers, pass } = await ordered(error)
    await pass(60_000)
    expect(model.requests).toHaveLength(calls)
    expect(await answers()).toMatchObject([{ body: { reason: `no key (${error.code})` } }])
  })
})

describe('a question of an agent', () => {
  const asking: Line = { calls: [{ tool: 'ask_helper', input: { about: 'milk' } }] }
  const helper = {
    role: 'helper' as never,
    peer: 'helper-1' as never,
    conversation: 'r1/job-q1' as ConversationId,
  }

  /** The clerk has asked; what the helper got. */
  async function asked(...then: Line[]) {
    const here = await ordered(asking, ...then, answering)
    const [frame, ...more] = await here.mail({ kind: 'role', role: helper.role })
    expect(more).toEqual([])
    return { ...here, question: codec.decode(frame!) }
  }

  it('goes to its role, in a conversation of its own', async () => {
    const { question } = await asked()
    expect(question).toMatchObject({
      type: 'parcel.ask',
      body: { about: 'milk' },
      to: { role: 'helper', conversation: 'r1/job-q1' },
    })
  })

  it('has its answer as the result of the call', async () => {
    const { question, send, transcript, answers } = await asked()
    await send(message(told, { about: 'it' }, { from: helper, correlation: question.id }), peer('worker-1'))
    expect(transcript().at(-1)).toEqual({
      kind: 'result',
      call: 'call-1-1',
      tool: 'ask_helper',
      output: { about: 'it' },
    })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('has its failure as the error of the call', async () => {
    const { question, send, transcript, answers } = await asked()
    const refused = { kind: 'refused', reason: 'busy', of: question.id }
    const answer = message(failure.messages.failure, refused, { from: helper, correlation: question.id })
    await send(answer, peer('worker-1'))
    expect(transcript().at(-1)).toMatchObject({ kind: 'error', code: 'failure.refused', message: 'busy' })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('is not waited for in vain', async () => {
    const { pass, transcript } = await asked()
    await pass(120_000)
    expect(transcript().at(-1)).toMatchObject({ kind: 'error', code: 'failure.no-peer' })
  })

  it('has a conversation of its own again when it asks again', async () => {
    const { question, send, mail } = await asked(asking)
    await send(message(told, { about: 'it' }, { from: helper, correlation: question.id }), peer('worker-1'))
    const [second] = await mail({ kind: 'role', role: helper.role })
    expect(codec.decode(second!).to.conversation).toBe('r1/job-q2')
  })
})
