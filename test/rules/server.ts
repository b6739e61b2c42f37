/**
 * The rules behind an endpoint for chat completions. Usage is the endpoint's own count: a token for each four
 * characters begun, of all that the request tells a model (messages, tools, schema of the answer) and of all that the
 * reply says.
 */
import {
  type OpenaiStub,
  type StubReply,
  type StubRequestBody,
  startOpenaiStub,
} from '../model/openai-stub.ts'
import { ruledReply } from './model.ts'

export type RulesEndpoint = OpenaiStub & {
  /** How often each rule gave the reply. */
  readonly fired: ReadonlyMap<string, number>
  /** Tokens of all requests and replies so far. */
  readonly used: { readonly input: number; readonly output: number }
}

/** @param port any free one unless told */
export async function startRules(port?: number): Promise<RulesEndpoint> {
  const fired = new Map<string, number>()
  const used = { input: 0, output: 0 }
  const stub = await startOpenaiStub(
    (request) => {
      const { rule, reply } = ruledReply(request)
      fired.set(rule, (fired.get(rule) ?? 0) + 1)
      const usage = usageOf(request, reply)
      used.input += usage.input
      used.output += usage.output
      return { ...reply, usage }
    },
    { models: ['rules'], ...(port !== undefined && { port }) },
  )
  return { ...stub, fired, used }
}

const CHARS_PER_TOKEN = 4
const tokensOf = (...parts: readonly unknown[]): number =>
  Math.ceil(parts.reduce<number>((sum, part) => sum + JSON.stringify(part ?? '').length, 0) / CHARS_PER_TOKEN)

const usageOf = (
  { messages, tools, response_format }: StubRequestBody,
  { text, json, calls }: StubReply,
) => ({
  input: tokensOf(messages, tools, response_format),
  output: tokensOf(text, json, calls),
})
