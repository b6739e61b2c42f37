/** A policy as a model that takes its time and has tokens to pay for, both drawn from a seed. */
import { type Model, ModelError } from '../../src/model/model.ts'
import type { OfflinePolicy, PolicyStep } from '../../src/model/offline.ts'
import { type Clock, sleep } from '../../src/time/clock.ts'
import type { Random } from '../../src/time/random.ts'

export type PacedModelOptions = {
  readonly clock: Clock
  readonly random: Random
  /** Longest time that a call takes, in milliseconds; the shortest is a quarter of it. */
  readonly slowestMs?: number
  /** Of an answer. */
  readonly outputTokens?: number
  /** Share of the calls that fail and may be made again. */
  readonly failing?: number
}

/** Characters of a prompt for each of its tokens. */
const CHARACTERS = 4

export function pacedModel(policy: OfflinePolicy, options: PacedModelOptions): Model {
  const { clock, random, slowestMs = 3_000, outputTokens = 120, failing = 0 } = options
  return {
    provider: 'paced',
    name: 'paced-1',
    async *stream(request, { signal }) {
      const latencyMs = Math.floor(slowestMs * (0.25 + 0.75 * random.next()))
      const fails = random.next() < failing
      await sleep(clock, latencyMs, signal)
      signal.throwIfAborted()
      if (fails) throw new ModelError('unavailable', 'too many requests at once', { retryable: true })
      const step = policy(request)
      if (step.kind === 'give-up') throw new ModelError('gave-up', step.reason, { retryable: false })
      if (step.kind === 'answer') yield { kind: 'answer', type: step.type, body: step.body }
      else {
        const replies = request.transcript.filter(({ kind }) => kind === 'reply').length
        yield { kind: 'call', call: { id: `call-${replies + 1}`, tool: step.tool, input: step.input } }
      }
      const inputTokens = Math.ceil(JSON.stringify(request.transcript).length / CHARACTERS)
      yield {
        kind: 'end',
        finish: step.kind === 'call' ? 'tool_calls' : 'stop',
        model: 'paced-1',
        usage: { inputTokens, outputTokens },
      }
    },
  }
}

/** One step after another, and the last of them for as long as it is asked. */
export const steps =
  (...all: readonly PolicyStep[]): OfflinePolicy =>
  ({ transcript }) =>
    all[Math.min(transcript.filter(({ kind }) => kind === 'reply').length, all.length - 1)]!

export const call = (tool: string, input: unknown): PolicyStep => ({ kind: 'call', tool, input })

export const answer = ({ type }: { readonly type: string }, body: unknown): PolicyStep => ({
  kind: 'answer',
  type,
  body,
})
