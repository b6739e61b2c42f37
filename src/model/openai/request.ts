/** A request as the body of a chat completion. */
import type { OpenAI } from 'openai'
import type { ChatRequest, ToolSchema } from '../model.ts'
import type { AnswerFormat } from './answers.ts'
import { renderMessages } from './messages.ts'
import { strictSchema } from './strict.ts'

/**
 * Where the schema of the answers is told: as `response_format`, or, for an endpoint that ignores that or refuses it
 * beside tools, at the end of the instructions.
 */
export type AnswersIn = 'response_format' | 'instructions'

export function renderRequest(
  request: ChatRequest,
  { name, schema, strict }: AnswerFormat,
  endpoint: { readonly baseUrl: string; readonly model: string },
  answersIn: AnswersIn = 'response_format',
): OpenAI.ChatCompletionCreateParamsStreaming {
  const told = answersIn === 'instructions'
  const system = told ? `${request.instructions}\n\n${tellSchema(schema)}` : request.instructions
  return {
    model: endpoint.model,
    messages: renderMessages(system, request.transcript),
    ...(request.tools.length > 0 && { tools: request.tools.map(renderTool) }),
    ...(!told && { response_format: { type: 'json_schema', json_schema: { name, schema, strict } } }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxOutputTokens !== undefined && limitOutput(request.maxOutputTokens, endpoint.baseUrl)),
    stream: true,
    stream_options: { include_usage: true },
  }
}

const tellSchema = (schema: unknown) =>
  `When you are done, reply with one JSON object and nothing else, of this JSON Schema:\n${JSON.stringify(schema)}`

function renderTool(tool: ToolSchema): OpenAI.ChatCompletionTool {
  const strict = strictSchema(tool.input)
  return {
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description,
      parameters: strict ?? tool.input,
      strict: strict !== undefined,
    },
  }
}

/** Newer models of OpenAI refuse the old name; many compatible endpoints ignore or refuse the new one. */
function limitOutput(tokens: number, baseUrl: string) {
  const renamed = /(^|\.)(openai\.com|azure\.com|openrouter\.ai)$/.test(new URL(baseUrl).hostname)
  return renamed ? { max_completion_tokens: tokens } : { max_tokens: tokens }
}
