/** What servers that call themselves compatible do otherwise, each with where it was seen. Stubs, not the servers. */
import { describe, expect, it } from 'vitest'
import { answer, findings, question, request, startModel, textOf } from './openai-case.ts'

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'goose-1' }
const chunk = (delta: unknown, finish: string | null = null) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const DONE = 'data: [DONE]\n\n'
const said = JSON.stringify(answer)
const find = (query: string) => ({ name: 'search', arguments: JSON.stringify({ query }) })
const queries = (reply: { calls: readonly { input: unknown }[] }) =>
  reply.calls.map(({ input }) => (input as { query: string }).query)

const replying = async (events: readonly unknown[], asked = request) => {
  const { collect } = await startModel(() => ({ events }))
  return collect(asked)
}

describe('calls of tools', () => {
  it.each([
    // Ollama before 0.4.7: ollama/ollama#7881
    ['no index', [{ id: 'a', function: find('geese') }], [{ id: 'b', function: find('ducks') }]],
    // Ollama: ollama/ollama#15457, #15497
    [
      'the index 0 for all',
      [{ index: 0, id: 'a', function: find('geese') }],
      [{ index: 0, id: 'b', function: find('ducks') }],
    ],
    [
      'the same, and no ids',
      [{ index: 0, function: find('geese') }],
      [{ index: 0, id: '', function: find('ducks') }],
    ],
    [
      'one id for both',
      [{ index: 0, id: 'a', function: find('geese') }],
      [{ index: 1, id: 'a', function: find('ducks') }],
    ],
    [
      // ai-dynamo/dynamo#4723
      'the index 0 for all, in fragments',
      [{ index: 0, id: 'a', function: find('geese') }],
      [{ index: 0, id: 'b', function: { name: 'search', arguments: '' } }],
      [{ index: 0, function: { arguments: '{"query":' } }],
      [{ index: 0, function: { arguments: '"ducks"}' } }],
    ],
    // A whole reply of Ollama, LM Studio: all calls in one delta
    [
      'both in one delta',
      [
        { index: 0, id: 'a', function: find('geese') },
        { index: 1, id: 'b', function: find('ducks') },
      ],
    ],
    [
      // ggml-org/llama.cpp#20198, BerriAI/litellm#37792
      'objects for arguments',
      [{ index: 0, id: 'a', function: { name: 'search', arguments: { query: 'geese' } } }],
      [{ index: 0, id: 'b', function: { name: 'search', arguments: { query: 'ducks' } } }],
    ],
  ])('with %s are two, under ids of their own', async (_, ...deltas) => {
    const events = deltas.map((calls) => chunk({ role: 'assistant', content: null, tool_calls: calls }))
    // Ollama and others finish with `stop` after calls: BerriAI/litellm#37792
    const reply = await replying([...events, chunk({}, 'stop'), DONE])
    expect(queries(reply)).toEqual(['geese', 'ducks'])
    expect(new Set(reply.calls.map(({ id }) => id)).size).toBe(2)
    expect(reply.finish).toBe('tool_calls')
  })

  // ggml-org/llama.cpp#12379
  it('whose name comes with every fragment have it once', async () => {
    const parts = ['{"que', 'ry":"gee', 'se"}', '']
    const events = parts.map((part) =>
      chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'search', arguments: part } }] }),
    )
    const reply = await replying([...events, chunk({}, 'tool_calls'), DONE])
    expect(reply.calls).toEqual([{ id: 'a', tool: 'search', input: { query: 'geese' } }])
  })

  it('whose fragments have no index are put together', async () => {
    const parts = [
      { id: 'a', function: { name: 'search', arguments: '{"query"' } },
      { function: { arguments: ':"geese"}' } },
    ]
    const events = parts.map((part) => chunk({ tool_calls: [part] }))
    expect(queries(await replying([...events, chunk({}, 'tool_calls')]))).toEqual(['geese'])
  })

  it('in the old form, of one function, are read', async () => {
    const reply = await replying([chunk({ function_call: find('geese') }), chunk({}, 'function_call'), DONE])
    expect(queries(reply)).toEqual(['geese'])
  })

  it.each([
    ['null', {}],
    ['"{\\"query\\":\\"geese\\"}"', { query: 'geese' }],
  ])('with %s for arguments are made with what is meant', async (given, input) => {
    const call = { index: 0, id: 'a', function: { name: 'search', arguments: given } }
    expect(
      (await replying([chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')])).calls[0]?.input,
    ).toEqual(input)
  })
})

describe('what a model thinks', () => {
  it.each(['reasoning_content', 'reasoning'])('in a field %s is not what it says', async (field) => {
    // DeepSeek, vLLM, llama.cpp, LM Studio; Ollama, vLLM: odysseus-dev/odysseus#591, ogx-ai/ogx#4244
    const thought = chunk({ content: null, [field]: '{"text":"ducks?"}' })
    const { chunks } = await (
      await startModel(() => ({ events: [thought, chunk({ content: said }), chunk({}, 'stop')] }))
    ).read()
    expect(textOf(chunks)).toBe(said)
    expect(chunks.at(-2)).toMatchObject({ kind: 'answer', body: answer })
  })

  it.each([
    ['<think>', '</think>'],
    ['<thinking>', '</thinking>'],
    ['[THINK]', '[/THINK]'],
  ])('between %s and %s, however it is cut, is not what it says', async (opens, closes) => {
    // Servers without a parser for the model's reasoning: lmstudio-ai/lmstudio-bug-tracker#649
    const whole = `\n${opens}\nIs {"text":"ducks"} right?\n${closes}\n\n${said}`
    for (const size of [1, 3, 200]) {
      const parts = whole.match(new RegExp(`[^]{1,${size}}`, 'g'))!
      const reply = await replying([...parts.map((content) => chunk({ content })), chunk({}, 'stop'), DONE])
      expect(reply.text).toBe(said)
      expect(reply.answer?.body).toEqual(answer)
    }
  })

  it('is no answer where only its end is marked', async () => {
    // The template begins the thinking: ggml-org/llama.cpp#15052
    const reply = await replying([
      chunk({ content: `{"text":"ducks"} is wrong.\n</think>\n${said}` }),
      chunk({}, 'stop'),
    ])
    expect(reply.answer?.body).toEqual(answer)
  })

  it('is nothing where it only looks like that, or where it is quoted in an answer', async () => {
    const quoting = { text: 'they write </think> there', pages: [1] }
    const reply = await replying([chunk({ content: JSON.stringify(quoting) }), chunk({}, 'stop')])
    expect(reply.answer?.body).toEqual(quoting)
    const short = await startModel(() => ({ events: [chunk({ content: '<thi' }), chunk({}, 'length')] }))
    expect((await short.collect()).text).toBe('<thi')
  })

  it('is counted, as what the endpoint had in its cache is', async () => {
    const usage = {
      ...{ prompt_tokens: 40, completion_tokens: 30 },
      ...{
        prompt_tokens_details: { cached_tokens: 32 },
        completion_tokens_details: { reasoning_tokens: 25 },
      },
    }
    const reply = await replying([
      chunk({ content: said }),
      chunk({}, 'stop'),
      { ...head, choices: [], usage },
      DONE,
    ])
    expect(reply.usage).toEqual({ inputTokens: 40, outputTokens: 30, cachedTokens: 32, reasoningTokens: 25 })
  })

  it('in parts of the content is told from the text', async () => {
    // Magistral by Mistral's own API
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'ducks?' }] },
      { type: 'text', text: said },
    ]
    expect((await replying([chunk({ content }), chunk({}, 'stop')])).text).toBe(said)
  })
})

describe('a stream', () => {
  it('may have comments, empty lines, empty choices and no [DONE]', async () => {
    // OpenRouter's `: OPENROUTER PROCESSING`, llama.cpp's pings
    const events = [
      ': keep-alive\n\n',
      '\n',
      { ...head, choices: [] },
      chunk({ content: said }),
      ':\n\n',
      chunk({}, 'stop'),
    ]
    expect((await replying(events)).answer?.body).toEqual(answer)
  })

  it('may tell its usage with every chunk, as it grows', async () => {
    // vLLM's `continuous_usage_stats`
    const usage = (output: number) => ({
      usage: { prompt_tokens: 40, completion_tokens: output, total_tokens: 40 + output },
    })
    const events = [
      { ...chunk({ content: '' }), ...usage(0) },
      { ...chunk({ content: said }), ...usage(6) },
      { ...chunk({}, 'stop'), ...usage(7) },
    ]
    expect((await replying(events)).usage).toEqual({ inputTokens: 40, outputTokens: 7 })
  })

  it.each([
    // vLLM
    { error: { message: 'out of memory', type: 'InternalServerError', code: 500 } },
    // vLLM up to 0.10
    { object: 'error', message: 'out of memory', type: 'InternalServerError', code: 500 },
  ])('that breaks off with %j fails with what it said', async (event) => {
    const { read } = await startModel(() => ({ events: [chunk({ content: '{"te' }), event, DONE] }))
    const { chunks, error } = await read()
    expect(textOf(chunks)).toBe('{"te')
    expect(error).toMatchObject({
      code: 'model.unavailable',
      retryable: true,
      message: expect.stringContaining('out of memory'),
    })
  })

  it.each([
    ['a call', { tool_calls: [{ index: 0, id: 'a', function: { name: 'search', arguments: '{"que' } }] }],
    ['its thoughts', { reasoning_content: 'Geese' }],
  ])('that breaks off in the middle of %s says that it had begun', async (_, delta) => {
    const { read } = await startModel(() => ({
      events: [chunk(delta), { error: { message: 'out of memory' } }, DONE],
    }))
    expect((await read()).error).toMatchObject({ code: 'model.unavailable', begun: true })
  })

  it('that is an error from its beginning had not begun', async () => {
    const { read } = await startModel(() => ({ events: [{ error: { message: 'no room' } }, DONE] }))
    expect((await read()).error).toMatchObject({ code: 'model.unavailable', begun: false })
  })

  it('that ends without a word on why is whole where the endpoint says that it is at its end', async () => {
    const unfinished = [chunk({ content: said.slice(0, 4) }), chunk({ content: said.slice(4) })]
    expect((await replying([...unfinished, DONE])).answer?.body).toEqual(answer)
    const calling = chunk({ tool_calls: [{ index: 0, id: 'a', function: find('geese') }] })
    expect(queries(await replying([calling, DONE]))).toEqual(['geese'])
    const { read } = await startModel(() => ({ events: unfinished }))
    expect((await read()).error).toMatchObject({ code: 'model.cut' })
  })

  it.each(['abort', 'error', 'insufficient_system_resource'])(
    'given up with "%s" can be asked for again',
    async (finish) => {
      // vLLM; OpenRouter; DeepSeek
      const { read } = await startModel(() => ({
        events: [chunk({ content: said }), chunk({}, finish), DONE],
      }))
      expect((await read()).error).toMatchObject({ code: 'model.unavailable', retryable: true })
    },
  )

  it.each([
    ['max_tokens', 'length'],
    ['model_length', 'length'],
    ['SAFETY', 'content_filter'],
  ])('finished with "%s" was broken off: %s', async (finish, meant) => {
    expect(await replying([chunk({ content: '{"te' }), chunk({}, finish)])).toMatchObject({
      finish: meant,
      calls: [],
    })
  })

  it.each(['eos', 'end_turn', 'stop_sequence', ''])(
    'finished with "%s", which nobody knows, has what it said',
    async (finish) => {
      const events =
        finish === ''
          ? [chunk({}, ''), chunk({ content: said }, 'stop')]
          : [chunk({ content: said }), chunk({}, finish)]
      expect((await replying(events)).answer?.body).toEqual(answer)
    },
  )
})

describe('an endpoint that does not stream', () => {
  const whole = (message: unknown, finish: string) => ({
    status: 200,
    body: {
      ...{
        id: 'chatcmpl-9',
        object: 'chat.completion',
        model: 'goose-2',
        choices: [{ index: 0, message, finish_reason: finish }],
      },
      usage: { prompt_tokens: 4, completion_tokens: 2 },
    },
  })

  it('is read all the same, answers and calls', async () => {
    const answers = await startModel(() => whole({ role: 'assistant', content: said }, 'stop'))
    expect(await answers.collect()).toMatchObject({
      ...{ text: said, answer: { body: answer }, responseId: 'chatcmpl-9', model: 'goose-2' },
      usage: { inputTokens: 4, outputTokens: 2 },
    })
    const calls = await startModel(() =>
      whole(
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'a', type: 'function', function: find('geese') }],
        },
        'tool_calls',
      ),
    )
    expect(queries(await calls.collect())).toEqual(['geese'])
  })

  it.each([
    // textgen's llama-server: oobabooga/textgen#7257
    [{ error: { code: 500, message: 'out of geese' } }, 'unavailable', true],
    [{ error: 'out of geese' }, 'unavailable', true],
    // OpenRouter, which tells the status in the body
    [{ error: { code: 401, message: 'out of geese' } }, 'unauthorized', false],
    [{ error: { code: 402, message: 'out of geese' } }, 'rate-limited', false],
    [{ error: { code: 429, message: 'out of geese' } }, 'rate-limited', true],
    // LM Studio, of an address without /v1: lmstudio-ai/lmstudio-bug-tracker#618
    [{ error: 'Unexpected endpoint or method. (POST /out of geese)' }, 'not-found', false],
    // Something else that answers there
    [{ detail: 'out of geese' }, 'not-found', false],
    [{ message: { role: 'assistant', content: 'out of geese' }, done: true }, 'not-found', false],
  ])('and errs with status 200 fails with what it said: %j', async (body, code, retryable) => {
    const { read } = await startModel(() => ({ status: 200, body }), { maxRetries: 0 })
    expect((await read()).error).toMatchObject({
      ...{ code: `model.${code}`, retryable },
      message: expect.stringContaining('out of geese'),
    })
  })

  it('and refuses a parameter with status 200 is asked without it', async () => {
    const refused = { error: { code: 400, message: '`temperature` is not supported' } }
    const { collect } = await startModel((body) =>
      body.temperature === undefined ? { json: answer } : { status: 200, body: refused },
    )
    expect((await collect({ ...request, temperature: 1 })).answer?.body).toEqual(answer)
  })
})

describe('an answer that no schema was enforced for', () => {
  it.each([
    ['words around it', `Here it is:\n\n${said}\n\nHope that helps!`],
    ['a fence and words around it', `Sure!\n\`\`\`json\n${said}\n\`\`\`\nDone.`],
    ['a fence without a language', `\`\`\`\n${said}\n\`\`\``],
  ])('is read out of %s', async (_, content) => {
    expect((await replying([chunk({ content }), chunk({}, 'stop')])).answer?.body).toEqual(answer)
  })

  it('is not made of braces that are none', async () => {
    const { read } = await startModel(() => ({ text: 'use {x} and {y}' }))
    expect((await read({ ...request, answers: [findings, question] })).error).toMatchObject({
      code: 'model.bad-answer',
    })
  })
})
