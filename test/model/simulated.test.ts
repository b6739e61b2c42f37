import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../src/model/model.ts'
import { collectReply } from '../../src/model/model.ts'
import { type SimulatedReply, simulatedModel } from '../../src/model/simulated.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { modelContract } from '../contracts/model.ts'

const request = (text: string): ChatRequest => ({
  role: 'worker',
  instructions: '',
  transcript: [{ kind: 'message', type: 'work.request', from: 'starter-1', body: { text } }],
  tools: [{ name: 'look', description: 'looks', input: {} }],
  answers: [{ type: 'work.result', description: 'a result', body: {} }],
})
const usage = { inputTokens: 120, outputTokens: 7 }

const STEPS: Readonly<Record<string, SimulatedReply['step']>> = {
  answer: { kind: 'answer', type: 'work.result', body: { tokens: 7 } },
  call: { kind: 'call', tool: 'look', input: { at: 'it' } },
  fail: { kind: 'give-up', reason: 'this is beyond it' },
}

const reply =
  (latencyMs: number) =>
  ({ transcript }: ChatRequest): SimulatedReply => {
    const [first] = transcript
    const { text } = (first as { body: { text: string } }).body
    return { latencyMs, usage, step: STEPS[text]! }
  }

modelContract('the simulated model', async () => ({
  model: simulatedModel({ clock: systemClock(), reply: reply(0) }),
  answering: request('answer'),
  calling: request('call'),
  failing: request('fail'),
  troubled: { skip: 'nothing is asked that could misbehave' },
  close: async () => {},
}))

describe('the simulated model', () => {
  it('takes the time that it was given, and tells what it used', async () => {
    const clock = virtualClock()
    const model = simulatedModel({ clock, reply: reply(2_500) })
    const collected = collectReply(model.stream(request('answer'), { signal: new AbortController().signal }))
    await Promise.resolve()
    expect(clock.due()).toBe(2_500)
    clock.step()
    expect((await collected).usage).toEqual(usage)
  })
})
