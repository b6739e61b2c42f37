/** What is left out for an endpoint that refused it, and that it is remembered. Refusals as the servers word them. */
import { describe, expect, it } from 'vitest'
import { answer, findings, keptLog, question, request, startModel } from './openai-case.ts'
import type { StubAnswer, StubRequestBody } from './openai-stub.ts'

const parameters = {
  ...{ temperature: 0, topP: 0.9, seed: 7, stop: ['END'], reasoningEffort: 'low', maxOutputTokens: 99 },
  parallelToolCalls: false,
}
const refusal = (message: string, more: object = {}) => ({
  status: 400,
  body: { error: { message, ...more } },
})

/** A model that refuses whatever has one of these fields. */
async function refusing(fields: Readonly<Record<string, StubAnswer>>, options = {}) {
  const log = keptLog()
  const script = (body: StubRequestBody): StubAnswer =>
    Object.entries(fields).find(([field]) => field in body)?.[1] ?? { json: answer }
  return { log, ...(await startModel(script, { log, answersIn: undefined, ...options })) }
}

describe('a parameter that is refused', () => {
  it.each([
    // OpenAI, of its reasoning models
    [
      'temperature',
      refusal(
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
        { code: 'unsupported_value', param: 'temperature' },
      ),
    ],
    [
      'top_p',
      refusal("Unsupported parameter: 'top_p' is not supported with this model.", {
        code: 'unsupported_parameter',
        param: 'top_p',
      }),
    ],
    [
      'stop',
      refusal("Unsupported parameter: 'stop' is not supported with this model.", {
        code: 'unsupported_parameter',
        param: 'stop',
      }),
    ],
    // Azure
    ['parallel_tool_calls', refusal('Unrecognized request argument supplied: parallel_tool_calls')],
    ['reasoning_effort', refusal('Unrecognized request argument supplied: reasoning_effort')],
    // Mistral, and what else is made with FastAPI
    [
      'seed',
      {
        status: 422,
        body: {
          detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }],
        },
      },
    ],
    [
      'stream_options',
      {
        status: 422,
        body: {
          object: 'error',
          message: {
            detail: [
              {
                type: 'extra_forbidden',
                loc: ['body', 'stream_options'],
                msg: 'Extra inputs are not permitted',
              },
            ],
          },
        },
      },
    ],
  ] as const)('%s is left out from then on, and the log says so', async (field, refused) => {
    const { stub, collect, log } = await refusing({ [field]: refused })
    const asked = { ...request, ...parameters }
    expect((await collect(asked)).answer?.body).toEqual(answer)
    await collect(asked)
    expect(stub.requests.map(({ body }) => field in body)).toEqual([true, false, false])
    expect(log.lines).toEqual([expect.stringMatching(new RegExp(`warn .*goose-1.*leaves ${field} out`))])
    const { [field as 'temperature']: _, ...others } = stub.requests[0]!.body
    expect(stub.requests[1]!.body).toEqual(others)
  })

  it.each([
    [
      'max_tokens',
      'max_completion_tokens',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
  ] as const)('%s is said as %s', async (field, other, message) => {
    const { stub, collect } = await refusing({
      [field]: refusal(message, { code: 'unsupported_parameter', param: field }),
    })
    await collect({ ...request, ...parameters })
    expect(stub.requests[1]?.body).toMatchObject({ [other]: 99 })
    expect(stub.requests[1]?.body).not.toHaveProperty(field)
  })

  it('that cannot be said in another way is left out in the end', async () => {
    const refused = (name: string) => refusal(`Unknown parameter: '${name}'.`, { param: name })
    const { stub, collect } = await refusing({
      max_tokens: refused('max_tokens'),
      max_completion_tokens: refused('max_completion_tokens'),
    })
    await collect({ ...request, ...parameters })
    expect(Object.keys(stub.requests[2]!.body).filter((field) => field.startsWith('max_'))).toEqual([])
  })

  it('is known for its model only', async () => {
    const { stub, collect } = await startModel((body) =>
      body.model === 'goose-1' && 'seed' in body ? refusal('seed is not supported') : { json: answer },
    )
    await collect({ ...request, seed: 1 })
    await collect({ ...request, seed: 1, model: 'goose-2' })
    expect(stub.requests.map(({ body }) => 'seed' in body)).toEqual([true, false, true])
  })

  it.each([
    ['a value that is out of its bounds', refusal('temperature must be at most 2', { param: 'temperature' })],
    ['something that was not sent', refusal("Unsupported parameter: 'logprobs'", { param: 'logprobs' })],
    ['something that has no name', refusal('this is not supported')],
  ])('is none of our own to leave out for %s', async (_, refused) => {
    const { stub, read } = await startModel(() => refused)
    expect((await read({ ...request, temperature: 3 })).error).toMatchObject({ code: 'model.bad-request' })
    expect(stub.requests).toHaveLength(1)
  })
})

describe('the form of an answer', () => {
  const asked = { ...request, tools: [] }
  const formats = (stub: { requests: readonly { body: StubRequestBody }[] }) =>
    stub.requests.map(({ body }) => body.response_format?.type ?? 'none')
  const tellsSchema = (body: StubRequestBody) => body.messages[0]!.content!.includes('"pages"')

  it('is told in the instructions beside tools, where servers that enforce it keep the model from calling any', async () => {
    // vllm-project/vllm#39929, ollama/ollama-python#546
    const { stub, collect } = await refusing({})
    await collect(request)
    await collect(asked)
    expect(formats(stub)).toEqual(['none', 'json_schema'])
    expect(stub.requests.map(({ body }) => tellsSchema(body))).toEqual([true, false])
  })

  it('falls from a schema to JSON, then to nothing, and the schema is told in the instructions', async () => {
    const script = ({ response_format: format }: StubRequestBody): StubAnswer => {
      if (format === undefined) return { json: answer }
      return refusal(`response_format of type ${format.type} is not supported`)
    }
    const { stub, collect } = await startModel(script, { answersIn: undefined })
    expect((await collect(asked)).answer?.body).toEqual(answer)
    await collect(asked)
    expect(formats(stub)).toEqual(['json_schema', 'json_object', 'none', 'none'])
    expect(stub.requests.map(({ body }) => tellsSchema(body))).toEqual([false, true, true, true])
  })

  it.each([
    // llama.cpp
    {
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'Cannot use custom grammar constraints with tools.',
          type: 'invalid_request_error',
        },
      },
    },
    // Groq
    refusal('json mode cannot be combined with tool/function calling'),
  ])(
    'refused beside tools with %j is told in the instructions there, and enforced elsewhere',
    async (refused) => {
      const script = (body: StubRequestBody): StubAnswer =>
        body.tools && body.response_format ? refused : { json: answer }
      const { stub, collect } = await startModel(script)
      await collect(request)
      await collect(asked)
      expect(formats(stub)).toEqual(['json_schema', 'none', 'json_schema'])
    },
  )

  it('is not marked as strict where the endpoint takes no such schema', async () => {
    const script = ({ response_format: format }: StubRequestBody): StubAnswer =>
      format?.json_schema.strict
        ? refusal("Invalid schema for response_format 'task_result'", { code: 'invalid_json_schema' })
        : { json: answer }
    const { stub, collect } = await startModel(script)
    await collect(request)
    expect(stub.requests[1]?.body.response_format?.json_schema.strict).toBe(false)
    expect(stub.requests[1]?.body.tools?.[0]?.function).not.toHaveProperty('strict')
  })

  it('is the one that its caller set, as a wrapper as well', async () => {
    const { stub, collect } = await startModel(
      () => ({ json: { answer: { type: 'question.ask', body: { question: '?' } } } }),
      { answersIn: 'json_object' },
    )
    const reply = await collect({ ...asked, answers: [findings, question] })
    expect(reply.answer?.type).toBe('question.ask')
    expect(formats(stub)).toEqual(['json_object'])
  })
})

describe('messages', () => {
  it.each([
    // Templates of Gemma, Mistral and Devstral, in vLLM, LM Studio and llama.cpp, which says it with status 500
    [400, 'System role not supported'],
    [400, 'Conversation roles must alternate user/assistant/user/assistant/...'],
    [
      500,
      'Jinja Exception: After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.',
    ],
  ])(
    'that a template refuses (%i %s) become one of the user where several follow each other',
    async (status, message) => {
      const script = ({ messages }: StubRequestBody): StubAnswer =>
        messages[0]?.role === 'system' ? { status, body: { error: { message } } } : { json: answer }
      const { stub, collect } = await startModel(script, { maxRetries: 0 })
      await collect({
        ...request,
        transcript: [...request.transcript, { kind: 'correction', text: 'shorter' }],
      })
      expect(stub.requests[1]?.body.messages).toEqual([
        {
          role: 'user',
          content:
            'You find things out.\n\n[task.request from planner-1]\n{"goal":"why do geese\\nfly in a V?"}\n\n[correction]\nshorter',
        },
      ])
    },
  )
})
