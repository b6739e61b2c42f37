import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { collectReply } from '../../src/model/model.ts'
import { openaiModel } from '../../src/model/openai/model.ts'
import { answer, findings, question, request, search, startModel } from './openai-case.ts'
import { startOpenaiStub } from './openai-stub.ts'

describe('the request', () => {
  it('begins with the instructions and follows the transcript, entry for entry', async () => {
    const { stub, collect } = await startModel(() => ({ json: answer }))
    const calls = [{ id: 'call-1', tool: 'search', input: { query: 'geese' } }]
    const error = {
      kind: 'error',
      call: 'call-2',
      tool: 'search',
      code: 'tool.timeout',
      message: 'late',
    } as const
    await collect({
      ...request,
      transcript: [
        ...request.transcript,
        { kind: 'reply', text: '', calls },
        { kind: 'result', call: 'call-1', tool: 'search', output: ['p3'] },
        {
          kind: 'reply',
          text: 'once more',
          calls: [{ id: 'call-2', tool: 'search', input: { query: 'V' } }],
        },
        error,
        { kind: 'reply', text: 'they fly', calls: [] },
        { kind: 'correction', text: 'answer in JSON' },
      ],
    })
    expect(stub.requests[0]?.body.messages).toMatchInlineSnapshot(`
      [
        {
          "content": "You find things out.",
          "role": "system",
        },
        {
          "content": "[task.request from planner-1]
      {"goal":"why do geese\\nfly in a V?"}",
          "role": "user",
        },
        {
          "content": null,
          "role": "assistant",
          "tool_calls": [
            {
              "function": {
                "arguments": "{"query":"geese"}",
                "name": "search",
              },
              "id": "call-1",
              "type": "function",
            },
          ],
        },
        {
          "content": "["p3"]",
          "role": "tool",
          "tool_call_id": "call-1",
        },
        {
          "content": "once more",
          "role": "assistant",
          "tool_calls": [
            {
              "function": {
                "arguments": "{"query":"V"}",
                "name": "search",
              },
              "id": "call-2",
              "type": "function",
            },
          ],
        },
        {
          "content": "{"error":{"code":"tool.timeout","message":"late"}}",
          "role": "tool",
          "tool_call_id": "call-2",
        },
        {
          "content": "they fly",
          "role": "assistant",
        },
        {
          "content": "[correction]
      answer in JSON",
          "role": "user",
        },
      ]
    `)
  })

  it('asks for one answer with an object for its body by that schema, with bounds put into words', async () => {
    const { stub, collect } = await startModel(() => ({ json: answer }))
    await collect()
    expect(stub.requests[0]?.body.response_format).toMatchInlineSnapshot(`
      {
        "json_schema": {
          "name": "task_result",
          "schema": {
            "additionalProperties": false,
            "description": "What was found.",
            "properties": {
              "pages": {
                "items": {
                  "type": "integer",
                },
                "type": "array",
              },
              "text": {
                "description": "(minLength 1)",
                "type": "string",
              },
            },
            "required": [
              "text",
              "pages",
            ],
            "type": "object",
          },
          "strict": true,
        },
        "type": "json_schema",
      }
    `)
  })

  it('asks for one of several answers inside a wrapper, and reads it from there', async () => {
    const body = { question: 'Which geese?' }
    const { stub, collect } = await startModel(() => ({ json: { answer: { type: 'question.ask', body } } }))
    const reply = await collect({ ...request, answers: [findings, question] })
    expect(reply.answer).toEqual({ type: 'question.ask', body })
    const format = stub.requests[0]?.body.response_format?.json_schema
    expect(format?.strict).toBe(true)
    expect(format?.schema).toMatchObject({
      type: 'object',
      properties: { answer: { anyOf: [{ description: 'What was found.' }, { required: ['type', 'body'] }] } },
    })
  })

  it('wraps a single answer whose body is not an object', async () => {
    const verdict = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('accept') }),
      z.object({ kind: z.literal('reject'), why: z.string() }),
    ])
    const answers = [{ type: 'review.result', description: 'The verdict.', body: z.toJSONSchema(verdict) }]
    const body = { kind: 'accept' }
    const { stub, collect } = await startModel(() => ({ json: { answer: { type: 'review.result', body } } }))
    expect((await collect({ ...request, answers })).answer).toEqual({ type: 'review.result', body })
    expect(stub.requests[0]?.body.response_format?.json_schema.strict).toBe(true)
  })

  it("moves each answer's definitions to the root, where references may point", async () => {
    const step = z.object({
      title: z.string(),
      get next() {
        return z.array(step)
      },
    })
    const plan = { type: 'plan.result', description: 'A plan.', body: z.toJSONSchema(step) }
    const { stub, collect } = await startModel(() => ({
      json: { answer: { type: 'task.result', body: answer } },
    }))
    await collect({ ...request, answers: [findings, plan] })
    const { schema, strict } = stub.requests[0]!.body.response_format!.json_schema
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(
      ([, name]) => name,
    )
    expect(references).not.toEqual([])
    for (const name of references) expect(schema.$defs).toHaveProperty(name!)
    expect(strict).toBe(true)
  })

  it.each([
    ['every property required', z.object({ page: z.int(), mode: z.enum(['text', 'html']).nullable() }), true],
    ['a union inside', z.object({ at: z.union([z.int(), z.object({ title: z.string() })]) }), true],
    ['nothing to pass', z.object({}), true],
    ['an optional property', z.object({ page: z.int(), limit: z.int().optional() }), false],
    ['free properties', z.object({ headers: z.record(z.string(), z.string()) }), false],
    ['a tuple', z.object({ range: z.tuple([z.int(), z.int()]) }), false],
    ['anything inside', z.object({ value: z.unknown() }), false],
  ])('of a tool with %s is strict where an endpoint can be', async (_, schema, strict) => {
    const input = z.toJSONSchema(schema, { io: 'input' })
    const { stub, collect } = await startModel(() => ({ json: answer }))
    await collect({ ...request, tools: [{ ...search, input }] })
    const sent = stub.requests[0]?.body.tools?.[0]?.function
    expect(sent?.strict).toBe(strict)
    if (!strict) expect(sent?.parameters).toEqual(input)
  })

  it('tells the schema in the instructions where the endpoint has no response_format', async () => {
    const { stub, collect } = await startModel(() => ({ json: answer }), { answersIn: 'instructions' })
    expect((await collect()).answer?.body).toEqual(answer)
    expect(stub.requests[0]?.body.response_format).toBeUndefined()
    expect(stub.requests[0]?.body.messages[0]?.content).toMatch(/^You find things out\.[\s\S]*"pages"/)
  })

  it('carries every parameter of the role, and nothing for those that are left out', async () => {
    const { stub, collect } = await startModel(() => ({ json: answer }))
    await collect({
      ...request,
      ...{ topP: 0.9, seed: 7, stop: ['END'], reasoningEffort: 'low', parallelToolCalls: false },
    })
    await collect({ ...request, tools: [], stop: [], parallelToolCalls: false })
    expect(stub.requests[0]?.body).toMatchObject({
      ...{ top_p: 0.9, seed: 7, stop: ['END'], reasoning_effort: 'low', parallel_tool_calls: false },
    })
    expect(Object.keys(stub.requests[1]!.body).sort()).toEqual(
      ['messages', 'model', 'response_format', 'stream', 'stream_options'].sort(),
    )
  })

  it('carries the model, the limits and the headers it was told', async () => {
    const stub = await startOpenaiStub(() => ({ json: answer }))
    onTestFinished(() => stub.close())
    const endpoint = {
      baseUrl: stub.url,
      apiKey: 'key',
      headers: { 'x-team': 'geese' },
      organization: 'org-1',
    }
    const asked = { ...request, model: 'goose-2', maxOutputTokens: 99, temperature: 0 }
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { signal } = new AbortController()
    await collectReply(openaiModel({ ...endpoint, model: 'goose-1' }).stream(asked, { signal, traceparent }))
    expect(stub.requests[0]?.body).toMatchObject({ model: 'goose-2', max_tokens: 99, temperature: 0 })
    expect(stub.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer key',
      'x-team': 'geese',
      'openai-organization': 'org-1',
      traceparent,
    })
  })
})
