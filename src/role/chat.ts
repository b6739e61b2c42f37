/**
 * The effect `chat`: one call to the model, with the role's instructions, tools, questions and answers around it. The
 * most that it may cost is reserved before, and settled before its outcome is handed over: of a committed outcome no
 * reservation is left.
 */
import { z } from 'zod'
import { digestOf } from '../../traces/digest.ts'
import { chatName, GEN_AI, GEN_AI_OPERATION, SKEIN } from '../../traces/names.ts'
import type { Blobs } from '../bus/blobs.ts'
import {
  type AnswerSchema,
  type ChatReply,
  type ChatRequest,
  collectReply,
  type JsonSchema,
  type Model,
  ModelError,
  type ToolSchema,
  type Usage,
} from '../model/model.ts'
import { OFFLINE_PROVIDER } from '../model/offline.ts'
import { OFFLINE_MODEL } from '../model/prices.ts'
import { originPeer } from '../run/origin-address.ts'
import type { Settlement } from '../run/quota.ts'
import { type CallQuotas, unlimitedQuotas } from '../run/quotas.ts'
import { orAborted } from '../time/or-aborted.ts'
import type { EffectContext, EffectHandler } from '../turn/effects.ts'
import type { AgentContext } from './agent-context.ts'
import { parameterAttributes, usageAttributes } from './chat-attributes.ts'
import { type ContentPolicy, promptContent, replyContent } from './content.ts'
import type { Role } from './define.ts'
import { promptSize } from './prompt.ts'
import { askTool, type ChatInput, type ChatOutput } from './setup.ts'
import { foldTranscript, wholeTranscript } from './transcript.ts'

/** Longest time one call to a model may take, in milliseconds. */
const CHAT_TIMEOUT_MS = 300_000

const NO_TOKENS: Usage = { inputTokens: 0, outputTokens: 0 }

/** Failures of a call that was turned away, or never left: nobody charges for it. */
const FREE_OF_CHARGE: ReadonlySet<string> = new Set(
  [
    ...['unreachable', 'unavailable', 'rate-limited', 'unauthorized', 'not-found', 'bad-request', 'bad-url'],
    ...['gave-up', 'no-policy'],
  ].map((code) => `model.${code}`),
)

const schemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

export function chatHandler(
  role: Role,
  model: Model,
  blobs: Blobs,
  quotas: CallQuotas = unlimitedQuotas,
  policy?: ContentPolicy,
): EffectHandler {
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
  const isOffline = model.provider === OFFLINE_PROVIDER
  const priced = isOffline ? OFFLINE_MODEL : name

  /** The reply, its tokens booked. */
  async function bought(request: ChatRequest, context: EffectContext): Promise<ChatReply> {
    const { record, attempt, signal, traceparent, onCall, onAttributes } = context
    const content = record.trace.sampled ? policy : undefined
    const { bytes, peerBytes, inputTokens } = promptSize(request, originPeer(record.run))
    onAttributes?.({
      [SKEIN.promptBytes]: bytes,
      [SKEIN.promptPeerBytes]: peerBytes,
      ...(content && promptContent(request, content)),
    })
    const reservation = await quotas.reserve({
      run: record.run,
      key: `${record.conversation} ${context.name}`,
      attempt,
      model: priced,
      inputTokens,
      maxOutputTokens: request.maxOutputTokens,
    })
    async function settle(settlement: Settlement, told = usageOf(settlement)): Promise<void> {
      onCall?.({
        model: priced,
        inputTokens: told?.inputTokens ?? null,
        outputTokens: told?.outputTokens ?? null,
        promptBytes: bytes,
        peerBytes,
      })
      await quotas.settle(reservation, settlement)
    }
    if (signal.aborted) {
      await quotas.settle(reservation, 'none')
      throw signal.reason
    }
    const { maxOutputTokens } = reservation
    const capped = { ...request, ...(maxOutputTokens !== undefined && { maxOutputTokens }) }
    let begun = false
    try {
      const stream = model.stream(capped, { signal, traceparent })
      const reply = await orAborted(
        collectReply(stream, () => {
          begun = true
        }),
        signal,
      )
      await settle(reply.usage ?? (isOffline ? NO_TOKENS : 'unknown'), reply.usage)
      return reply
    } catch (error) {
      await settle(usedBy(error, begun))
      throw error
    }
  }

  return {
    describe: () => ({
      name: chatName(name),
      kind: 'client',
      attributes: {
        [GEN_AI.operationName]: GEN_AI_OPERATION.chat,
        [GEN_AI.providerName]: model.provider,
        [GEN_AI.requestModel]: name,
        ...parameterAttributes(parameters),
      },
    }),
    repeatable: () => true,
    timeoutMs: () => CHAT_TIMEOUT_MS,
    endsItself: true,
    async run(input, context) {
      const { record, signal } = context
      const given = (input as ChatInput).transcript
      const kept = given === undefined ? (record.snapshot!.context as AgentContext) : undefined
      // Before the call: what it costs is not to be lost for want of the bus.
      const fold = kept && (await orAborted(foldTranscript(kept, blobs), signal))
      const request: ChatRequest = {
        role: role.name,
        instructions: role.instructions,
        transcript: given ?? (await orAborted(wholeTranscript(kept!, blobs), signal)),
        tools,
        answers,
        model: name,
        ...parameters,
      }
      signal.throwIfAborted() // what nobody wants any more is not paid for
      const reply = await bought(request, context)
      const isTraced = record.trace.sampled
      const output: ChatOutput = { ...reply, ...(fold && { fold }) }
      return {
        output,
        usage: reply.usage ?? NO_TOKENS,
        attributes: {
          [GEN_AI.responseModel]: reply.model,
          [GEN_AI.responseFinishReasons]: [reply.finish],
          ...(isTraced && { [SKEIN.outputDigest]: digestOfReply(reply) }),
          ...(isTraced && policy && replyContent(reply, policy)),
          ...(reply.responseId && { [GEN_AI.responseId]: reply.responseId }),
          ...(reply.usage && usageAttributes(reply.usage)),
        },
      }
    },
  }
}

/** Of what it says and wants, not of its ids. */
const digestOfReply = ({ text, calls, answer }: ChatReply): string =>
  digestOf([text, calls.map(({ tool, input }) => [tool, input]), answer ?? null])

const usageOf = (settlement: Settlement): Usage | undefined =>
  settlement === 'none' ? NO_TOKENS : settlement === 'unknown' ? undefined : settlement

/** @param begun something of the reply came */
function usedBy(error: unknown, begun: boolean): Settlement {
  if (!(error instanceof ModelError)) return 'unknown'
  return error.usage ?? (!begun && FREE_OF_CHARGE.has(error.code) ? 'none' : 'unknown')
}
