import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { silentLog } from '../../src/log.ts'
import { ModelError } from '../../src/model/model.ts'
import { chatHandler } from '../../src/role/chat.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { GROUND_RULES } from '../../src/role/role-prompt.ts'
import type { ChatOutput } from '../../src/role/setup.ts'
import { toolHandler } from '../../src/role/use-tool.ts'
import { SCRIPTED_PROVIDER, type ScriptedModel } from '../../src/testing/index.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { defineTool, type Tool, type ToolContext } from '../../src/tools/tool.ts'
import type { EffectCall, EffectContext } from '../../src/turn/effects.ts'
import { digestOf } from '../../traces/digest.ts'
import { ask, done, notes, nothingHeard, order, parcels, play, told, worker } from '../turn/stage.ts'
import { saying } from './saying.ts'

const record = play(
  worker(parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } })),
  notes('hello'),
)
const context: EffectContext = {
  record,
  name: '1.0',
  attempt: 1,
  signal: new AbortController().signal,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

const given: ToolContext[] = []
const weigh = defineTool({
  name: 'weigh',
  description: 'Weighs a thing.',
  input: z.object({ thing: z.string(), times: z.number().default(1) }),
  output: z.object({ grams: z.number() }),
  timeoutMs: 7,
  idempotent: false,
  async run({ thing, times }, around) {
    given.push(around)
    return {
      output: { grams: thing === 'hope' ? ('none' as never) : thing.length * times },
      ...(thing === 'ink' && { tree: 'after' as BlobHash }),
    }
  },
})
const finish = defineTool({
  name: 'finish',
  description: '',
  input: z.object({}),
  output: z.object({}),
  run: async () => ({ output: {} }),
})

const clerk: Role = defineRole({
  name: 'worker',
  description: 'weighs things',
  instructions: 'Weigh, then answer.',
  accepts: [order],
  answers: [done],
  asks: { 'help-desk': { message: ask, answers: [told] } },
  tools: [weigh],
  machineTools: [finish],
  model: { name: 'big-model', temperature: 0.5 },
})

const noBlobs = { put: async () => '0'.repeat(64) as BlobHash, get: async () => undefined }
const transcript = [{ kind: 'message', type: 'parcel.order', from: 'client-1', body: {} }] as const

describe('a call to the model', () => {
  it('brings what the model has to know of its role, and what was said', async () => {
    const model = saying({ answer: { type: 'parcel.done', body: { what: 'it' } } })
    await chatHandler({ role: clerk, model, blobs: noBlobs }).run({ transcript }, context)
    expect(model.requests).toMatchObject([
      {
        role: 'worker',
        instructions: `Weigh, then answer.\n\n${GROUND_RULES}`,
        transcript,
        model: 'big-model',
        temperature: 0.5,
        tools: [
          { name: 'weigh', description: 'Weighs a thing.', input: { type: 'object', required: ['thing'] } },
          { name: 'ask_help_desk', input: { properties: { about: { type: 'string' } } } },
        ],
        answers: [{ type: 'parcel.done', body: { type: 'object' } }],
      },
    ])
    // What its machine uses by itself is nothing to the model.
    expect(model.requests[0]!.tools.map(({ name }) => name)).not.toContain('finish')
  })

  it('gives the reply, what it cost, and attributes for its span', async () => {
    const usage = { inputTokens: 10, outputTokens: 2 }
    const model = saying({ text: 'Hm.', calls: [{ tool: 'weigh', input: { thing: 'ink' } }], usage })
    const outcome = await chatHandler({ role: clerk, model, blobs: noBlobs }).run({ transcript }, context)
    expect(outcome).toEqual({
      output: {
        text: 'Hm.',
        calls: [{ id: 'call-1-1', tool: 'weigh', input: { thing: 'ink' } }],
        finish: 'tool_calls',
        model: 'script',
        usage,
      },
      usage,
      attributes: {
        'gen_ai.response.model': 'script',
        'gen_ai.response.finish_reasons': ['tool_calls'],
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 2,
        'skein.digest.output': digestOf(['Hm.', [['weigh', { thing: 'ink' }]], null]),
      },
    })
  })

  it('hands every parameter of its role on, and shows it on its span', async () => {
    const parameters = {
      ...{ temperature: 0, topP: 0.9, seed: 7, stop: ['END'], reasoningEffort: 'low' },
      ...{ parallelToolCalls: false, maxOutputTokens: 99 },
    }
    const usage = { inputTokens: 10, outputTokens: 9, cachedTokens: 8, reasoningTokens: 6 }
    const model = saying({ answer: { type: 'parcel.done', body: { what: 'it' } }, usage })
    const handler = chatHandler({ role: { ...clerk, model: parameters }, model, blobs: noBlobs })
    const { attributes } = await handler.run({ transcript }, context)
    expect(model.requests[0]).toMatchObject(parameters)
    expect(handler.describe({ transcript }).attributes).toMatchObject({
      'gen_ai.request.temperature': 0,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.seed': 7,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.max_tokens': 99,
      'skein.request.reasoning_effort': 'low',
      'skein.request.parallel_tool_calls': false,
    })
    expect(attributes).toMatchObject({
      'gen_ai.usage.cache_read.input_tokens': 8,
      'gen_ai.usage.reasoning.output_tokens': 6,
    })
  })

  it('says which instructions and tools it was made with, whatever comes of it', async () => {
    const { blobs } = memoryNetwork({ clock: virtualClock(), random: seededRandom(1) }).connect('clerk')
    const calls: EffectCall[] = []
    const onCall = (call: EffectCall) => void calls.push(call)
    const failing = saying(new ModelError('unavailable', 'away', { retryable: true }))
    const run = chatHandler({ role: clerk, model: failing, blobs }).run(
      { transcript },
      { ...context, onCall },
    )
    await expect(run).rejects.toThrow('away')
    const prompt = await blobs.get(calls[0]!.prompt!)
    expect(JSON.parse(Buffer.from(prompt!).toString())).toMatchObject({
      instructions: expect.stringContaining(clerk.instructions),
      tools: [{ name: 'weigh' }, { name: 'ask_help_desk' }],
    })
  })

  it('that tells no tokens cost none', async () => {
    const { usage } = await chatHandler({
      role: clerk,
      model: saying({ text: 'Hm.' }),
      blobs: noBlobs,
    }).run({ transcript }, context)
    expect(usage).toEqual({ inputTokens: 0, outputTokens: 0 })
  })

  it('fails as the model does', async () => {
    const error = new ModelError('unauthorized', 'no key', { retryable: false })
    await expect(
      chatHandler({ role: clerk, model: saying(error), blobs: noBlobs }).run({ transcript }, context),
    ).rejects.toBe(error)
  })

  describe('whose prompt is too large for its model', () => {
    const large = [
      ...transcript,
      { kind: 'reply', text: '', calls: [{ id: 'a', tool: 'weigh', input: {} }] },
      { kind: 'result', call: 'a', tool: 'weigh', output: 'x'.repeat(30_000) },
      { kind: 'reply', text: '', calls: [{ id: 'b', tool: 'weigh', input: {} }] },
      { kind: 'result', call: 'b', tool: 'weigh', output: 'y' },
    ] as const
    const refusal = (contextTokens?: number) =>
      new ModelError('context-length', 'too large', { retryable: false, contextTokens })
    const answers = { answer: { type: 'parcel.done', body: { what: 'it' } } } as const
    const asked = async (model: ScriptedModel, contextTokens?: number, fallbacks: string[] = []) => {
      const seen: Record<string, unknown> = {}
      const lines: string[] = []
      const log = { ...silentLog, info: (text: string) => void lines.push(text) }
      const role = { ...clerk, model: { fallbacks, ...(contextTokens !== undefined && { contextTokens }) } }
      const handler = chatHandler({ role, model, blobs: noBlobs, log })
      const outcome = handler.run(
        { transcript: large },
        { ...context, onAttributes: (told) => Object.assign(seen, told) },
      )
      return { output: (await outcome).output as ChatOutput, seen, lines }
    }

    it('is made to fit what the role says, and its span and the log say what was left out', async () => {
      const model = saying(answers)
      const { seen, lines, output } = await asked(model, 8_000)
      expect(model.requests).toHaveLength(1)
      expect(JSON.stringify(model.requests[0]!.transcript)).toContain(
        '30002 characters that weigh gave are left out',
      )
      expect(seen).toMatchObject({ 'skein.prompt.left_out': 1, 'skein.prompt.context_tokens': 8_000 })
      expect(seen['skein.prompt.left_out_bytes']).toBeGreaterThan(29_000)
      expect(seen['skein.prompt.bytes']).toBeLessThan(3_000)
      expect(lines).toEqual(["left 1 results out of a prompt, to fit its model's context"])
      expect(output).not.toHaveProperty('contextTokens')
    })

    it('is made to fit what its endpoint says, and asked again once', async () => {
      const model = saying(refusal(6_000), answers)
      expect((await asked(model)).output).toMatchObject({ contextTokens: 6_000 })
      expect(model.requests.map(({ transcript }) => JSON.stringify(transcript).length > 30_000)).toEqual([
        true,
        false,
      ])
    })

    it('is made smaller by halves where the endpoint says no size, and fails in the end', async () => {
      const model = saying(refusal())
      await expect(asked(model)).rejects.toMatchObject({ code: 'model.context-length' })
      expect(model.requests).toHaveLength(4)
    })

    const away = new ModelError('unavailable', 'away', { retryable: true })

    it('is made to fit the fallback where only that is there, and stays whole for the first the next time', async () => {
      const model = saying(away, refusal(6_000), answers)
      const { output } = await asked(model, undefined, ['small'])
      expect(
        model.requests.map((one) => [one.model, JSON.stringify(one.transcript).length > 30_000]),
      ).toEqual([
        ['script', true],
        ['small', true],
        ['small', false],
      ])
      expect(output).not.toHaveProperty('contextTokens')
    })

    it('may be asked for again where the first is away and no fallback can hold it', async () => {
      const model = saying(away, refusal())
      await expect(asked(model, undefined, ['small'])).rejects.toBe(away)
    })
  })

  it('is described before it is made, and may be made again', () => {
    const handler = chatHandler({ role: clerk, model: saying(), blobs: noBlobs })
    expect(handler.describe({ transcript })).toEqual({
      name: 'chat big-model',
      kind: 'client',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': SCRIPTED_PROVIDER,
        'gen_ai.request.model': 'big-model',
        'gen_ai.request.temperature': 0.5,
      },
    })
    expect(handler.repeatable({ transcript })).toBe(true)
  })
})

describe('a call of a tool', () => {
  const bench = {
    tree: 'base' as BlobHash,
    documents: undefined,
    blobs: {},
    records: {},
    clock: {},
    scratch: '/tmp',
  }
  const handler = toolHandler({ role: clerk, bench: async () => bench as never })
  const call = (input: unknown, more: object = {}) =>
    handler.run({ tool: 'weigh', input, tree: null, ...more }, context)

  it('gives the tool its input, parsed, and what surrounds it', async () => {
    given.length = 0
    expect(await call({ thing: 'milk' })).toMatchObject({ output: { output: { grams: 4 } } })
    const { signal, traceparent } = context
    const around = { base: 'base', run: 'r1', conversation: 'job', call: '1.0', signal, traceparent }
    expect(given).toEqual([{ ...bench, ...around }])
  })

  it('begins at the tree that it names, and answers the tree that it made', async () => {
    given.length = 0
    expect(await call({ thing: 'ink' }, { tree: 'mine' })).toMatchObject({
      output: { output: { grams: 3 }, tree: 'after' },
    })
    expect(given[0]!.tree).toBe('mine')
  })

  it.each([
    ['an input that does not fit', { thing: 7 }, {}, 'tool.input', /"weigh" does not fit: thing:/],
    [
      'an output that does not fit',
      { thing: 'hope' },
      {},
      'tool.output',
      /"weigh" gave what it does not declare: grams:/,
    ],
    [
      'a tool that there is not',
      {},
      { tool: 'fly' },
      'tool.unknown',
      /no tool "fly"; there are weigh, ask_help_desk/,
    ],
    [
      'a tool of its machine, called by its model',
      {},
      { tool: 'finish', byModel: true },
      'tool.unknown',
      /"finish"/,
    ],
    [
      'a question that does not fit',
      {},
      { tool: 'ask_help_desk' },
      'tool.input',
      /"ask_help_desk" does not fit: about:/,
    ],
  ])('fails with %s', async (_, input, more, code, text) => {
    const calling = call(input, more)
    await expect(calling).rejects.toThrow(text)
    await expect(calling).rejects.toMatchObject({ code })
  })

  it('fails where it gives its model more than a record holds, and its conversation does not', async () => {
    const output = z.object({ text: z.string() })
    const run: Tool['run'] = async () => ({ output: { text: 'x'.repeat(800_000) } })
    const role: Role = { ...clerk, tools: [{ ...weigh, output, run }] }
    const input = { tool: 'weigh', input: { thing: 'ink' }, tree: null, byModel: true }
    const calling = toolHandler({ role, bench: async () => bench as never }).run(input, context)
    await expect(calling).rejects.toMatchObject({ code: 'tool.too-large' })
    await expect(calling).rejects.toThrow(/"weigh" gave 800011 bytes, .* ask for less of it/)
  })

  it('of its machine works, when its machine calls', async () => {
    expect(await call({}, { tool: 'finish' })).toMatchObject({ output: { output: {} } })
  })

  it('hands on what a tool prints, until it is done', async () => {
    const said: string[] = []
    const run: Tool['run'] = async (_, { onOutput }) => {
      onOutput?.('grams\n')
      return { output: { grams: 1 } }
    }
    const printing: Role = { ...clerk, tools: [{ ...weigh, run }] }
    const heard = toolHandler({
      role: printing,
      bench: async () => bench as never,
      hear: ({ run }, tool) => ({
        add: (text) => said.push(`${run} ${tool}: ${text}`),
        end: () => said.push('end'),
      }),
    })
    await heard.run({ tool: 'weigh', input: { thing: 'ink' }, tree: null }, context)
    expect(said).toEqual([`${record.run} weigh: grams\n`, 'end'])
  })

  it('says of itself what its tool says', () => {
    const input = { tool: 'weigh', input: {}, tree: null }
    expect(handler.describe(input)).toMatchObject({
      name: 'execute_tool weigh',
      kind: 'internal',
      attributes: { 'gen_ai.tool.name': 'weigh', 'gen_ai.tool.type': 'function' },
    })
    expect(handler.repeatable(input)).toBe(false)
    expect(handler.timeoutMs(input)).toBe(7)
  })
})
