/**
 * A model that is simulated: what it says, how long it takes and what it uses are a function of what it is asked, given
 * by whoever simulates. It takes its time by a clock, so that in virtual time a thousand calls cost none.
 */
import { type Clock, sleep } from '../time/clock.ts'
import { type ChatRequest, type Model, ModelError, type Usage } from './model.ts'
import type { PolicyStep } from './offline.ts'

/** `gen_ai.provider.name` of what was simulated. */
export const SIMULATED_PROVIDER = 'skein.simulated'

/** What comes of one call. */
export type SimulatedReply = {
  /** Whole milliseconds from the call to its reply. */
  readonly latencyMs: number
  readonly usage: Usage
  readonly step: PolicyStep
}

export type SimulatedModelOptions = {
  readonly clock: Clock
  /** Pure: the same request has the same reply, however often it is made. */
  readonly reply: (request: ChatRequest) => SimulatedReply
}

/** @throws ModelError `model.gave-up` where the reply is to give up */
export function simulatedModel({ clock, reply }: SimulatedModelOptions): Model {
  return {
    provider: SIMULATED_PROVIDER,
    name: 'simulated',
    async *stream(request, { signal }) {
      signal.throwIfAborted()
      const { latencyMs, usage, step } = reply(request)
      await sleep(clock, latencyMs, signal)
      signal.throwIfAborted()
      if (step.kind === 'give-up') throw new ModelError('gave-up', step.reason, { retryable: false, usage })
      if (step.kind === 'answer') yield { kind: 'answer', type: step.type, body: step.body }
      else {
        const replies = request.transcript.filter((entry) => entry.kind === 'reply').length
        yield { kind: 'call', call: { id: `call-${replies + 1}`, tool: step.tool, input: step.input } }
      }
      signal.throwIfAborted()
      yield { kind: 'end', finish: step.kind === 'call' ? 'tool_calls' : 'stop', model: 'simulated', usage }
    },
  }
}
