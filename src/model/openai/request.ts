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
    ...renderParameters(request),
    ...(request.maxOutputTokens !== undefined && limitOutput(request.maxOutputTokens, endpoint.baseUrl)),
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** Endpoints refuse `parallel_tool_calls` where there are no tools. */
function renderParameters(request: ChatRequest) {
  const { temperature, topP, seed, stop, reasoningEffort, parallelToolCalls, tools } = request
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop: [...stop] }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort as OpenAI.ReasoningEffort }),
    ...(parallelToolCalls !== undefined && tools.length > 0 && { parallel_tool_calls: parallelToolCalls }),
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
