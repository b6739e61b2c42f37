/**
 * The effect `chat`: one call to the model, with the role's instructions, tools, questions and answers around it. The
 * most that it may cost is reserved before, and settled before its outcome is handed over: of a committed outcome no
 * reservation is left.
 */
import type { BlobHash } from '../../protocols/ids.ts'
import { digestOf } from '../../traces/digest.ts'
import { chatName, GEN_AI, GEN_AI_OPERATION, SKEIN } from '../../traces/names.ts'
import type { Blobs } from '../bus/blobs.ts'
import { silentLog } from '../log.ts'
import { contextTokensOf } from '../model/context-window.ts'
import { type ChatReply, type ChatRequest, type Model, ModelError, type Usage } from '../model/model.ts'
import { OFFLINE_PROVIDER } from '../model/offline.ts'
import { originPeer } from '../run/origin-address.ts'
import { type CallQuotas, unlimitedQuotas } from '../run/quotas.ts'
import { orAborted } from '../time/or-aborted.ts'
import type { EffectContext, EffectHandler } from '../turn/effects.ts'
import type { AgentContext } from './agent-context.ts'
import { parameterAttributes, usageAttributes } from './chat-attributes.ts'
import { compacted, smallerContext } from './compaction.ts'
import { type ContentPolicy, promptContent, replyContent } from './content.ts'
import type { Role } from './define.ts'
import { keptPromptOf, promptKeeper } from './kept-prompt.ts'
import { promptSize } from './prompt.ts'
import { type Calling, createPurchase, RATE_PATIENCE_MS } from './purchase.ts'
import { promptOf } from './role-prompt.ts'
import type { ChatInput, ChatOutput } from './setup.ts'
import { foldTranscript, wholeTranscript } from './transcript.ts'

/**
 * Longest time one call to a model may take, in milliseconds, once its rate was waited for. A slow one of one's own
 * writes a long reply for a quarter of an hour; that nothing comes at all, its adapter notices much earlier.
 */
const CALL_MS = 1_800_000

/** Times that a prompt is made smaller since its endpoint refused it for its size. */
const FITTINGS_LIMIT = 3

const NO_TOKENS: Usage = { inputTokens: 0, outputTokens: 0 }

export type ChatOptions = Calling & {
  readonly role: Role
  readonly model: Model
  /** Where long transcripts and the prompts of recordings are kept. */
  readonly blobs: Blobs
  /** What the call is reserved and booked in; without it nothing is counted. */
  readonly quotas?: CallQuotas
  /** What of the conversation spans show; without it, none of it. */
  readonly content?: ContentPolicy | undefined
}

export function chatHandler(options: ChatOptions): EffectHandler {
  const { role, model, blobs, quotas = unlimitedQuotas, content: policy, rates, log = silentLog } = options
  const prompt = promptOf(role)
  const keepPrompt = promptKeeper(keptPromptOf(role), blobs)
  const {
    name = model.name,
    fallbacks = options.fallbacks ?? [],
    contextTokens = contextTokensOf(name),
    ...parameters
  } = role.model
  const isOffline = model.provider === OFFLINE_PROVIDER

  const buy = createPurchase({
    ...{ model, quotas, rates },
    names: [name, ...fallbacks.filter((other) => other !== name)],
  })

  function tell(request: ChatRequest, context: EffectContext): void {
    const content = context.record.trace.sampled ? policy : undefined
    const { bytes, peerBytes } = promptSize(request, originPeer(context.record.run))
    context.onAttributes?.({
      [SKEIN.promptBytes]: bytes,
      [SKEIN.promptPeerBytes]: peerBytes,
      ...(content && promptContent(request, content)),
    })
  }

  /**
   * The reply, its tokens booked, and the size of the context of the role's own model, where its endpoint had to say
   * that it is smaller than was known.
   * @param known tokens, from an earlier call
   */
  async function bought(
    request: ChatRequest,
    known: number | undefined,
    keptPrompt: BlobHash,
    context: EffectContext,
  ) {
    let learned: number | undefined
    const told: EffectContext = {
      ...context,
      onCall: (call) => context.onCall?.({ ...call, prompt: keptPrompt }),
    }
    const reply = await buy(request, told, async (asked, whole, ask) => {
      const size = asked === name ? (known ?? contextTokens) : contextTokensOf(asked)
      const fit = await fitted(whole, size, ask, context)
      // What a fallback holds says nothing of the model that is asked first the next time.
      if (asked === name) learned = fit.contextTokens
      return fit.reply
    })
    return { reply, ...(learned !== undefined && { contextTokens: learned }) }
  }

  /** The reply of one model to the request as far as it fits, and the size that it was made to fit. */
  async function fitted(
    request: ChatRequest,
    known: number | undefined,
    ask: (fitted: ChatRequest) => Promise<ChatReply>,
    context: EffectContext,
  ): Promise<{ readonly reply: ChatReply; readonly contextTokens?: number | undefined }> {
    // Offline nothing is sent anywhere, and policies read what they did from the transcript.
    let size = isOffline ? undefined : known
    for (let refused = 0; ; ) {
      const { transcript, leftOut, bytes } =
        size === undefined ? { ...request, leftOut: 0, bytes: 0 } : compacted(request, size)
      if (leftOut > 0 && size !== undefined) {
        const { conversation } = context.record
        const left = { leftOut, bytes, contextTokens: size }
        log.info(`left ${leftOut} results out of a prompt, to fit its model's context`, {
          conversation,
          ...left,
        })
        context.onAttributes?.({
          [SKEIN.promptLeftOut]: leftOut,
          [SKEIN.promptLeftOutBytes]: bytes,
          [SKEIN.promptContextTokens]: size,
        })
      }
      const asked = { ...request, transcript }
      tell(asked, context)
      try {
        const reply = await ask(asked)
        return { reply, ...(refused > 0 && { contextTokens: size }) }
      } catch (error) {
        if (!(error instanceof ModelError) || error.code !== 'model.context-length') throw error
        const smaller = smallerContext(asked, error.contextTokens, size)
        if (smaller === undefined || ++refused > FITTINGS_LIMIT) throw error
        size = smaller
      }
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
    timeoutMs: () => RATE_PATIENCE_MS + CALL_MS,
    endsItself: true,
    async run(input, context) {
      const { record, signal } = context
      const given = (input as ChatInput).transcript
      const kept = given === undefined ? (record.snapshot!.context as AgentContext) : undefined
      // Before the call: what it costs is not to be lost for want of the bus.
      const fold = kept && (await orAborted(foldTranscript(kept, blobs), signal))
      const request: ChatRequest = {
        ...prompt,
        transcript: given ?? (await orAborted(wholeTranscript(kept!, blobs), signal)),
        model: name,
        ...parameters,
      }
      const keptPrompt = await orAborted(keepPrompt(record.run), signal)
      signal.throwIfAborted() // what nobody wants any more is not paid for
      const { reply, ...learned } = await bought(request, kept?.contextTokens, keptPrompt, context)
      const isTraced = record.trace.sampled
      const output: ChatOutput = { ...reply, ...learned, ...(fold && { fold }) }
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
