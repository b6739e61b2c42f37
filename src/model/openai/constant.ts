/** What of a request is the same in every call of a role: rendered by whatever renders requests, and by nothing else. */
import type { OpenAI } from 'openai'
import type { ChatRequest } from '../model.ts'
import { answerFormat } from './answers.ts'
import { OPENAI_BASE_URL } from './client.ts'
import { firstDialect } from './dialect.ts'
import { renderRequest } from './request.ts'

export type ConstantParts = {
  readonly system: string
  readonly tools: readonly OpenAI.ChatCompletionTool[]
  /** Absent where the endpoint is told in the system text what may be answered. */
  readonly responseFormat?: OpenAI.ChatCompletionCreateParams['response_format']
}

/** @param baseUrl the endpoint: as it is asked at first, before it refused anything. OpenAI itself unless given */
export function constantParts(
  prompt: Omit<ChatRequest, 'transcript'>,
  baseUrl = OPENAI_BASE_URL,
): ConstantParts {
  const request = { ...prompt, transcript: [] }
  const body = renderRequest(request, answerFormat(prompt.answers), '', firstDialect(baseUrl))
  const { messages, tools = [], response_format: responseFormat } = body
  return {
    system: String(messages[0]!.content),
    tools: tools as OpenAI.ChatCompletionTool[],
    ...(responseFormat && { responseFormat }),
  }
}
