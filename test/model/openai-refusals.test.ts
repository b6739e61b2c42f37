/** What endpoints say when they turn a call away, in the words of each, and what is made of it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { collectReply, type ModelError } from '../../src/model/model.ts'
import { readableFetch } from '../../src/model/openai/bodies.ts'
import { openaiModel } from '../../src/model/openai/model.ts'
import { LONGEST_RETRY_AFTER_MS } from '../../src/model/openai/retries.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { answer, keptLog, never, request, startModel } from './openai-case.ts'
import type { StubAnswer } from './openai-stub.ts'

type Told = { readonly message: string }

const MIB = 2 ** 20

/** An endpoint that sends the same again and again, for as long as somebody listens, and not quite for ever. */
function endless(text: string, init: ResponseInit) {
  const chunk = Buffer.from(text.repeat(Math.ceil(MIB / text.length)))
  let [chunks, left] = [0, false]
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++chunks < 200) controller.enqueue(chunk)
      else controller.close()
    },
    cancel() {
      left = true
    },
  })
  return { send: async () => new Response(body, init), isLeft: () => left }
}

const error = (status: number, body: unknown): StubAnswer => ({ status, body })

describe('a body of any shape', () => {
  it.each([
    ['OpenAI', { error: { message: 'out of geese' } }],
    ['LM Studio', { error: 'out of geese' }],
    [
      'vLLM up to 0.10',
      { object: 'error', message: 'out of geese', type: 'BadRequestError', param: null, code: 400 },
    ],
    ['FastAPI', { detail: 'out of geese' }],
    ['FastAPI, of a field', { detail: [{ loc: ['body'], msg: 'out of geese', type: 'value_error' }] }],
    ['Gemini', [{ error: { code: 400, message: 'out of geese', status: 'INVALID_ARGUMENT' } }]],
    ['Text Generation Inference', { error: 'out of geese', error_type: 'validation' }],
    ['a proxy', '<html>out of geese</html>'],
    ['anything', { reason: 'out of geese' }],
    ['a list', ['out of geese']],
  ])('of %s says what was wrong', async (_, body) => {
    const { read } = await startModel(() => error(400, body))
    expect((await read()).error).toMatchObject({
      ...{ code: 'model.bad-request', retryable: false },
      message: expect.stringContaining('out of geese'),
    })
  })

  it('is not read to an end that does not come', async () => {
    const { send, isLeft } = endless('out of geese ', { status: 500 })
    const { error } = (await (await readableFetch(send)('http://a.test')).json()) as { error: Told }
    expect(error.message).toMatch(/^out of geese/)
    expect(isLeft()).toBe(true)
  })

  it('may be empty', async () => {
    const { read } = await startModel(() => error(400, ''))
    expect((await read()).error).toMatchObject({ code: 'model.bad-request' })
  })
})

describe('a prompt that does not fit', () => {
  it.each([
    // OpenAI
    [
      400,
      {
        error: {
          message:
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      },
      8192,
    ],
    // vllm-project/vllm#20409, and newer
    [
      400,
      {
        object: 'error',
        message:
          "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).",
        type: 'BadRequestError',
        code: 400,
      },
      16_384,
    ],
    [
      400,
      {
        error: {
          message:
            "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 10000 tokens and your request has 2323 input tokens",
          code: 400,
        },
      },
      10_000,
    ],
    [
      400,
      {
        object: 'error',
        message: 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.',
      },
      4096,
    ],
    // vllm-project/vllm#4667
    [400, { object: 'error', message: 'max_tokens must be at least 1, got -186.' }, undefined],
    // ggml-org/llama.cpp#15780, #19774
    [
      500,
      {
        error: {
          code: 500,
          message:
            'the request exceeds the available context size. try increasing the context size or enable context shift',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 1407,
          n_ctx: 256,
        },
      },
      256,
    ],
    [
      400,
      {
        error: {
          code: 400,
          message:
            'request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it',
          type: 'exceed_context_size_error',
        },
      },
      4096,
    ],
    [
      500,
      { error: { code: 500, message: 'Context size has been exceeded.', type: 'server_error' } },
      undefined,
    ],
    // llama-cpp-python
    [400, { error: { message: 'Requested tokens (2285) exceed context window of 2048' } }, 2048],
    // LM Studio
    [
      400,
      {
        error:
          'Trying to keep the first 6214 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
      },
      4096,
    ],
    // google-gemini/gemini-cli#6678
    [
      400,
      [
        {
          error: {
            code: 400,
            message:
              'The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
      1_048_576,
    ],
    // xAI (cline/cline#3120)
    [
      400,
      {
        code: 'Client specified an invalid argument',
        error: "This model's maximum prompt length is 131072 but the request contains 136973 tokens.",
      },
      131_072,
    ],
    // Mistral
    [
      400,
      {
        object: 'error',
        message:
          'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
        code: '3051',
      },
      32_768,
    ],
    // huggingface/chat-ui#340, huggingface/text-generation-inference#695
    [
      422,
      {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1000 `inputs` tokens and 1024 `max_new_tokens`',
        error_type: 'validation',
      },
      1_512,
    ],
    [422, { error: 'Input validation error: `inputs` must have less than 1024 tokens. Given: 1168' }, 1_024],
    // Cohere
    [
      400,
      {
        message:
          'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt',
      },
      4_081,
    ],
    // Bedrock behind a gateway
    [400, { error: { message: 'Input is too long for requested model.' } }, undefined],
    // OpenAI and Groq, of what no minute has room for
    [
      429,
      {
        error: {
          message:
            'Request too large for gpt-4o in organization o on tokens per min (TPM): Limit 30000, Requested 45000.',
          code: 'rate_limit_exceeded',
        },
      },
      30_000,
    ],
    [413, { error: { message: 'payload too large' } }, undefined],
  ])('is told from other failures: %i %j', async (status, body, contextTokens) => {
    const { stub, read } = await startModel(() => error(status, body))
    const { error: failure } = await read({ ...request, maxOutputTokens: 8192 })
    expect(failure).toMatchObject({ code: 'model.context-length', retryable: false, contextTokens })
    expect((failure as ModelError).message).toMatch(/contextTokens/)
    expect(stub.requests).toHaveLength(1)
  })

  it('is told so as well where the reply finds no room', async () => {
    const broken = { error: { code: 500, message: 'Context size has been exceeded.', type: 'server_error' } }
    const { read } = await startModel(() => ({
      events: [{ choices: [{ delta: { content: '{' } }] }, broken],
    }))
    expect((await read()).error).toMatchObject({ code: 'model.context-length' })
  })
})

describe('an error in a stream', () => {
  it.each([
    // OpenRouter tells the status as the code
    [{ code: 429, message: 'honk' }, 'rate-limited', true],
    [{ code: '401', message: 'honk' }, 'unauthorized', false],
    [{ code: 502, message: 'honk' }, 'unavailable', true],
    [{ code: 'server_error', message: 'honk' }, 'unavailable', true],
  ])('%j is what its status says', async (told, code, retryable) => {
    const { read } = await startModel(() => ({ events: [{ error: told }] }))
    expect((await read()).error).toMatchObject({ code: `model.${code}`, retryable })
  })
})

describe('other refusals', () => {
  it.each([
    // Ollama; vLLM without a parser of calls (mike-nott/mcp-assist#21)
    [
      error(400, {
        error: { message: 'registry.ollama.ai/library/gemma3:4b does not support tools', type: 'api_error' },
      }),
      'no-tools',
      false,
    ],
    [
      error(400, {
        object: 'error',
        message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      }),
      'no-tools',
      false,
    ],
    // Ollama; llama.cpp as a router; LM Studio
    [
      error(404, { error: { message: 'model "goose-1" not found, try pulling it first' } }),
      'not-found',
      false,
    ],
    [
      error(400, {
        error: { code: 400, message: "model 'goose-1' not found", type: 'invalid_request_error' },
      }),
      'not-found',
      false,
    ],
    [
      error(404, { error: { message: 'The model `goose-1` does not exist', code: 'model_not_found' } }),
      'not-found',
      false,
    ],
    // OpenRouter, DeepSeek
    [error(402, { error: { message: 'Insufficient Balance', code: 402 } }), 'rate-limited', false],
    // Groq, of what its own model said
    [
      error(400, { error: { message: 'Failed to call a function.', code: 'tool_use_failed' } }),
      'bad-call',
      true,
    ],
    [
      error(400, { error: { message: 'Failed to generate JSON.', code: 'json_validate_failed' } }),
      'bad-answer',
      true,
    ],
  ])('%j are %s', async (refused, code, retryable) => {
    const { read } = await startModel(() => refused)
    expect((await read({ ...request, tools: request.tools })).error).toMatchObject({
      code: `model.${code}`,
      retryable,
    })
  })
})

describe('a call that is made again', () => {
  /** Waits that the adapter begins, without waiting: each is over at once, and kept. */
  function hastyClock() {
    const clock = virtualClock()
    const waits: number[] = []
    const SILENCE = 1_000_000
    return {
      waits,
      timeoutMs: SILENCE,
      clock: {
        now: clock.now,
        setTimer(delayMs: number, fire: () => void) {
          if (delayMs === SILENCE) return clock.setTimer(delayMs, fire)
          waits.push(delayMs)
          queueMicrotask(fire)
          return { cancel: () => {} }
        },
      },
    }
  }
  const random = { next: () => 0, hex: () => '' }
  const failing = (headers: Record<string, string>, times = 1, status = 429) => {
    const { waits, ...hasty } = hastyClock()
    const script = (_: unknown, call: number): StubAnswer =>
      call <= times ? { status, headers, message: 'honk' } : { json: answer }
    return { waits, started: startModel(script, { ...hasty, random }) }
  }

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '1250', 'retry-after': '7' }, 1_250],
    [{ 'retry-after': new Date(30_000).toUTCString(), date: new Date(0).toUTCString() }, 30_000],
    [{ 'retry-after': 'soon' }, 500],
    [{}, 500],
  ])('with %j waits %i ms before it', async (headers, waited) => {
    const { waits, started } = failing(headers as Record<string, string>)
    expect((await (await started).collect()).answer?.body).toEqual(answer)
    expect(waits[0]).toBe(waited)
  })

  it('waits longer each time, and not for ever', async () => {
    const { waits, started } = failing({}, 9, 500)
    const { stub, read } = await started
    expect((await read()).error).toMatchObject({ code: 'model.unavailable', retryable: true })
    expect(waits.slice(0, 2)).toEqual([500, 1_000])
    expect(stub.requests).toHaveLength(3)
  })

  it('is not, where the endpoint says that it would be for nothing', async () => {
    const { started } = failing({ 'x-should-retry': 'false', 'retry-after-ms': '1' })
    const { stub, read } = await started
    expect((await read()).error).toMatchObject({
      ...{ code: 'model.rate-limited', retryAfterMs: 1, retryable: false },
    })
    expect(stub.requests).toHaveLength(1)
  })

  it('is not, where it is to come back after more than a minute: it fails, and says when', async () => {
    const { started } = failing({ 'retry-after': '61' })
    const { stub, read } = await started
    expect(61_000).toBeGreaterThan(LONGEST_RETRY_AFTER_MS)
    expect((await read()).error).toMatchObject({
      code: 'model.rate-limited',
      retryable: true,
      retryAfterMs: 61_000,
    })
    expect(stub.requests).toHaveLength(1)
  })

  it('comes back at different times, by chance', async () => {
    const { waits, ...hasty } = hastyClock()
    const script = (_: unknown, call: number): StubAnswer => (call === 1 ? { status: 429 } : { json: answer })
    await (await startModel(script, { ...hasty, random: { ...random, next: () => 0.8 } })).collect()
    expect(waits[0]).toBe(400)
  })

  it('waits for a server that reads its model from disk, and says so', async () => {
    // llama.cpp: mostlygeek/llama-swap#146
    const { waits, ...hasty } = hastyClock()
    const loading = error(503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } })
    const log = keptLog()
    const script = (_: unknown, call: number): StubAnswer => (call <= 20 ? loading : { json: answer })
    const { stub, collect } = await startModel(script, { ...hasty, random, log })
    expect((await collect()).answer?.body).toEqual(answer)
    expect(stub.requests).toHaveLength(21)
    expect(waits.slice(0, 20)).toEqual(Array(20).fill(2_000))
    expect(log.lines[0]).toBe('info asking goose-1 again in 2000 ms')
  })
})

describe('a reply without end', () => {
  it.each([
    ['one object', 'application/json', '{"a":', /a reply of more than 67108864 bytes/],
    ['one event', 'text/event-stream', 'data: no end ', /one event of a reply of more than 16777216/],
    ['lines of one event', 'text/event-stream', 'data: {}\r\n', /one event of a reply/],
    ['many events', 'text/event-stream', 'data: {"choices":[]}\n\n', /a reply of more than 67108864 bytes/],
  ])('in %s is left', async (_, type, text, message) => {
    const { send, isLeft } = endless(text, { headers: { 'content-type': type } })
    const reading = readableFetch(send)('http://a.test/v1/chat/completions').then((reply) => reply.text())
    await expect(reading).rejects.toMatchObject({ code: 'model.too-large', retryable: false })
    await expect(reading).rejects.toThrow(message)
    expect(isLeft()).toBe(true)
  })

  it('is what its caller hears of, and not of a connection', async () => {
    const chunk = Buffer.alloc(MIB, 32)
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => void (response.destroyed || response.write(chunk, more))
      more()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const model = openaiModel({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'none', model: 'goose-1' })
    const reading = collectReply(model.stream(request, { signal: new AbortController().signal }))
    await expect(reading).rejects.toMatchObject({ code: 'model.too-large' })
  })
})

describe('a reply that is whole', () => {
  it('is not waited for where the server says no more and keeps the connection', async () => {
    const clock = virtualClock()
    const events = [
      { id: 'x', choices: [{ delta: { content: JSON.stringify(answer) } }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      'data: [DONE]\n\n',
      ': never\n\n',
    ]
    const before = async (event: number) => {
      if (event < 3) return
      // The adapter has read the end, and listens for the usage.
      while (clock.due() !== 5_000) await new Promise(setImmediate)
      clock.step()
      await never()
    }
    const { stub, collect } = await startModel(() => ({ events, before }), { clock })
    expect((await collect()).answer?.body).toEqual(answer)
    expect(await stub.requests[0]?.ended).toBe('left')
  })
})
