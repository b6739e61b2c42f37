/** What the tests of the openai adapter share: one researcher's request, and the adapter on a stub. */
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Log } from '../../src/log.ts'
import { type ChatChunk, type ChatRequest, collectReply } from '../../src/model/model.ts'
import { type OpenaiOptions, openaiModel } from '../../src/model/openai/model.ts'
import { readUntilError } from '../contracts/model.ts'
import { type StubScript, startOpenaiStub } from './openai-stub.ts'

export const findings = {
  type: 'task.result',
  description: 'What was found.',
  body: z.toJSONSchema(z.object({ text: z.string().min(1), pages: z.array(z.int()) })),
}
export const question = {
  type: 'question.ask',
  description: 'Something that only the sender knows.',
  body: z.toJSONSchema(z.object({ question: z.string() })),
}
export const search = {
  name: 'search',
  description: 'Finds pages.',
  input: z.toJSONSchema(z.object({ query: z.string() })),
}
export const answer = { text: 'geese take turns', pages: [3, 14] }

export const request: ChatRequest = {
  role: 'researcher',
  instructions: 'You find things out.',
  transcript: [
    { kind: 'message', type: 'task.request', from: 'planner-1', body: { goal: 'why do geese\nfly in a V?' } },
  ],
  tools: [search],
  answers: [findings],
}

/** The adapter on a stub of its own, which is closed with the test. The stub tells answers and calls apart, as OpenAI. */
export async function startModel(script: StubScript, options: Partial<OpenaiOptions> = {}) {
  const stub = await startOpenaiStub(script)
  onTestFinished(() => stub.close())
  const endpoint = { baseUrl: stub.url, apiKey: 'key', model: 'goose-1' }
  const model = openaiModel({ ...endpoint, answersIn: 'response_format', ...options })
  const stream = (asked = request, signal = new AbortController().signal) => model.stream(asked, { signal })
  return {
    stub,
    model,
    stream,
    read: (asked?: ChatRequest, signal?: AbortSignal) => readUntilError(stream(asked, signal)),
    collect: (asked?: ChatRequest) => collectReply(stream(asked)),
  }
}

export const never = () => new Promise<never>(() => {})

export const textOf = (chunks: readonly ChatChunk[]) =>
  chunks.map((chunk) => (chunk.kind === 'text' ? chunk.text : '')).join('')

/** A log that keeps its lines, as `warn <text>`. */
export function keptLog(): Log & { readonly lines: readonly string[] } {
  const lines: string[] = []
  const keep = (level: string) => (text: string) => void lines.push(`${level} ${text}`)
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') }
}
