/** A request as the body of a chat completion. */
import type { OpenAI } from 'openai'
import type { ChatRequest, ToolSchema } from '../model.ts'
import type { AnswerFormat } from './answers.ts'
import type { Dialect } from './dialect.ts'
import { renderMessages } from './messages.ts'
import { strictSchema } from './strict.ts'

/** @param model the name that is asked for */
export function renderRequest(
  request: ChatRequest,
  { name, schema, strict }: AnswerFormat,
  model: string,
  dialect: Dialect,
): OpenAI.ChatCompletionCreateParamsStreaming {
  const hasTools = request.tools.length > 0
  const answersIn = hasTools ? dialect.answersBesideTools : dialect.answersIn
  const told = answersIn !== 'response_format'
  const system = told ? `${request.instructions}\n\n${tellSchema(schema, hasTools)}` : request.instructions
  const isStrict = strict && dialect.strict
  const body = {
    model,
    messages: renderMessages(system, request.transcript, dialect.system),
    ...(hasTools && { tools: request.tools.map((tool) => renderTool(tool, dialect.strict)) }),
    ...(answersIn === 'response_format' && {
      response_format: { type: 'json_schema', json_schema: { name, schema, strict: isStrict } } as const,
    }),
    ...(answersIn === 'json_object' && { response_format: { type: 'json_object' } as const }),
    ...renderParameters(request),
    ...(request.maxOutputTokens !== undefined && { [dialect.outputLimit]: request.maxOutputTokens }),
    stream: true as const,
    stream_options: { include_usage: true },
  }
  const kept = Object.entries(body).filter(([field]) => !dialect.without.has(field))
  return Object.fromEntries(kept) as typeof body
}

function tellSchema(schema: unknown, hasTools: boolean): string {
  const when = hasTools ? 'Call tools as long as you need them. When you are done, reply' : 'Reply'
  return `${when} with one JSON object and nothing else, of this JSON Schema:\n${JSON.stringify(schema)}`
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

function renderTool(tool: ToolSchema, mayBeStrict: boolean): OpenAI.ChatCompletionTool {
  const strict = mayBeStrict ? strictSchema(tool.input) : undefined
  return {
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description,
      parameters: strict ?? tool.input,
      ...(mayBeStrict && { strict: strict !== undefined }),
    },
  }
}
