/** The effect `chat`: one call to the model, with the role's instructions, tools, questions and answers around it. */
import { z } from 'zod'
import { chatName, GEN_AI, GEN_AI_OPERATION } from '../../traces/names.ts'
import type { Blobs } from '../bus/blobs.ts'
import {
  type AnswerSchema,
  type ChatRequest,
  collectReply,
  type JsonSchema,
  type Model,
  type ToolSchema,
} from '../model/model.ts'
import type { EffectHandler } from '../turn/effects.ts'
import type { AgentContext } from './agent-context.ts'
import type { Role } from './define.ts'
import { askTool, type ChatInput, type ChatOutput } from './setup.ts'
import { foldTranscript, wholeTranscript } from './transcript.ts'

/** Longest time one call to a model may take, in milliseconds. */
const CHAT_TIMEOUT_MS = 300_000

const schemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

export function chatHandler(role: Role, model: Model, blobs: Blobs): EffectHandler {
  const asks = Object.entries(role.asks).map(
    ([name, { message }]): ToolSchema => ({
      name: askTool(name),
      description: `Ask the ${name} a question and wait for the answer.`,
      input: schemaOf(message.body),
    }),
  )
  const tools = [
    ...role.tools.map(
      ({ name, description, input }): ToolSchema => ({ name, description, input: schemaOf(input) }),
    ),
    ...asks,
  ]
  const answers = role.verdicts.map(
    ({ type, body }): AnswerSchema => ({ type, description: body.description ?? type, body: schemaOf(body) }),
  )
  const { name = model.name, ...parameters } = role.model

  return {
    describe: () => ({
      name: chatName(name),
      kind: 'client',
      attributes: {
        [GEN_AI.operationName]: GEN_AI_OPERATION.chat,
        [GEN_AI.providerName]: model.provider,
        [GEN_AI.requestModel]: name,
      },
    }),
    repeatable: () => true,
    timeoutMs: () => CHAT_TIMEOUT_MS,
    async run(input, { record, signal, traceparent }) {
      const given = (input as ChatInput).transcript
      const kept = given === undefined ? (record.snapshot!.context as AgentContext) : undefined
      // Before the call: what it costs is not to be lost for want of the bus.
      const fold = kept && (await foldTranscript(kept, blobs))
      const request: ChatRequest = {
        role: role.name,
        instructions: role.instructions,
        transcript: given ?? (await wholeTranscript(kept!, blobs)),
        tools,
        answers,
        model: name,
        ...parameters,
      }
      const reply = await collectReply(model.stream(request, { signal, traceparent }))
      const output: ChatOutput = { ...reply, ...(fold && { fold }) }
      return {
        output,
        usage: reply.usage ?? { inputTokens: 0, outputTokens: 0 },
        attributes: {
          [GEN_AI.responseModel]: reply.model,
          [GEN_AI.responseFinishReasons]: [reply.finish],
          ...(reply.responseId && { [GEN_AI.responseId]: reply.responseId }),
          ...(reply.usage && {
            [GEN_AI.usageInputTokens]: reply.usage.inputTokens,
            [GEN_AI.usageOutputTokens]: reply.usage.outputTokens,
          }),
        },
      }
    },
  }
}
