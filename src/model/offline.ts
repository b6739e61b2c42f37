/**
 * The model of a run without a key: each role brings a policy, a plain function from the typed transcript to the next
 * tool call or answer. It never reads the prose of a prompt, reports no tokens, and says what it is.
 */
import { type ChatRequest, type Model, ModelError } from './model.ts'

/** `gen_ai.provider.name` of what no model said. */
export const OFFLINE_PROVIDER = 'skein.offline'

/** What policies call themselves as a model, and what to name where none is wanted. */
export const OFFLINE_MODEL = 'offline'

/** What a policy does next. */
export type PolicyStep =
  | { readonly kind: 'call'; readonly tool: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly type: string; readonly body: unknown }
  /** It cannot do this, and says why. */
  | { readonly kind: 'give-up'; readonly reason: string }

/** From everything so far to the next step. Pure: it is called again with the longer transcript. */
export type OfflinePolicy = (request: ChatRequest) => PolicyStep

/** @param policies by role */
export function offlineModel(policies: Readonly<Record<string, OfflinePolicy | undefined>>): Model {
  return {
    provider: OFFLINE_PROVIDER,
    name: OFFLINE_MODEL,
    async *stream(request, { signal }) {
      signal.throwIfAborted()
      const policy = policies[request.role]
      if (policy === undefined) {
        throw new ModelError(
          'no-policy',
          `role "${request.role}" has no offline policy: set OPENAI_API_KEY to use a model, or give the role a policy`,
          { retryable: false },
        )
      }
      const step = policy(request)
      if (step.kind === 'give-up') throw new ModelError('gave-up', step.reason, { retryable: false })
      if (step.kind === 'answer') yield { kind: 'answer', type: step.type, body: step.body }
      else {
        const replies = request.transcript.filter((entry) => entry.kind === 'reply').length
        yield { kind: 'call', call: { id: `call-${replies + 1}`, tool: step.tool, input: step.input } }
      }
      signal.throwIfAborted()
      yield { kind: 'end', finish: step.kind === 'call' ? 'tool_calls' : 'stop', model: OFFLINE_MODEL }
    },
  }
}
