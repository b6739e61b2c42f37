import { describe, expect, it } from 'vitest'
import { figuresOf, figuresSchema } from '../../src/run/figures.ts'
import { summarise } from '../../src/run/summary.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { dispatcher, flock, runner } from './flock.ts'

type Call = NonNullable<ConversationRecord['took']['call']>

/** Commits that each took one call, of conversations that had spent nothing before. */
function journal(
  ...commits: readonly { role?: string; peer?: string; tools?: number; call: Partial<Call> }[]
): ConversationRecord[] {
  return commits.map(({ role = 'coder', peer = `${role}-1`, tools = 0, call }, index) => {
    const made = {
      model: 'gpt-5-mini',
      inputTokens: 0,
      outputTokens: 0,
      promptBytes: 100,
      peerBytes: 0,
      ...call,
    }
    const usage = { inputTokens: made.inputTokens ?? 0, outputTokens: made.outputTokens ?? 0 }
    return {
      ...{ conversation: `r1/c${index}`, role, outbox: [] },
      by: { peer, host: 'here', pid: 1 },
      usage: { calls: 1, tools, ...usage },
      took: { event: 'x', from: '', to: '', call: made },
    } as unknown as ConversationRecord
  })
}

describe('the money of a run', () => {
  it('is the sum of its calls, to the nano-dollar, by peer, role and model', () => {
    const figures = figuresOf(
      journal(
        { call: { inputTokens: 1_000, outputTokens: 10 } },
        { peer: 'coder-2', call: { inputTokens: 3, outputTokens: 1 } },
        { role: 'planner', call: { model: 'gpt-5', inputTokens: 200, outputTokens: 20 } },
      ),
    )
    const [mini, other, big] = [1_000 * 250 + 10 * 2_000, 3 * 250 + 2_000, 200 * 1_250 + 20 * 10_000]
    expect(figures).toMatchObject({ moneyNanoUsd: mini + other + big, unpriced: [], untold: 0 })
    expect(figures.byPeer['coder-2']).toEqual({
      ...{ calls: 1, inputTokens: 3, outputTokens: 1, tools: 0, moneyNanoUsd: other },
    })
    expect(figures.byRole.coder).toMatchObject({ calls: 2, inputTokens: 1_003, moneyNanoUsd: mini + other })
    expect(figures.byModel).toEqual({
      'gpt-5-mini': { calls: 2, inputTokens: 1_003, outputTokens: 11, moneyNanoUsd: mini + other },
      'gpt-5': { calls: 1, inputTokens: 200, outputTokens: 20, moneyNanoUsd: big },
    })
  })

  it('is unknown where a price is, and the model is named', () => {
    const calls = journal(
      { call: { model: 'qwen3', inputTokens: 1 } },
      { role: 'planner', call: { inputTokens: 4 } },
    )
    const figures = figuresOf(calls)
    expect(figures).toMatchObject({ moneyNanoUsd: null, unpriced: ['qwen3'] })
    expect(figures.byRole).toMatchObject({ coder: { moneyNanoUsd: null }, planner: { moneyNanoUsd: 1_000 } })
    expect(figuresOf(calls, { qwen3: { input: 1, output: 1 } }).moneyNanoUsd).toBe(2_000)
  })

  it('counts calls of which nobody knows what they used, unless they are free', () => {
    const nothing = { inputTokens: null, outputTokens: null }
    const figures = figuresOf(journal({ call: nothing }, { call: { ...nothing, model: 'offline' } }))
    expect(figures).toMatchObject({ moneyNanoUsd: 0, untold: 1 })
  })
})

describe('the prompts of a role', () => {
  it('are measured in tokens where they were told, else in bytes', () => {
    const { prompts } = figuresOf(
      journal(
        ...[30, 10, 20].map((inputTokens) => ({ call: { inputTokens } })),
        { call: { inputTokens: null, outputTokens: null } },
        ...[7, 5].map((promptBytes) => ({ role: 'planner', call: { inputTokens: null, promptBytes } })),
      ),
    )
    expect(prompts).toEqual({
      coder: { calls: 4, unit: 'tokens', median: 20, max: 30 },
      planner: { calls: 2, unit: 'bytes', median: 5, max: 7 },
    })
  })
})

describe('coordination', () => {
  it('is what of the prompts other agents wrote, in bytes and in proportion in tokens', () => {
    const { coordination } = figuresOf(
      journal(
        { tools: 2, call: { promptBytes: 100, peerBytes: 50, inputTokens: 30 } },
        { call: { promptBytes: 300, peerBytes: 50, inputTokens: 90 } },
      ),
    )
    expect(coordination).toEqual({
      ...{ messages: 0, perCall: 0, perTool: 0, promptBytes: 400, peerBytes: 100, peerShare: 0.25 },
      peerTokens: 30,
    })
  })

  it('is messages for each call, in a run', async () => {
    const { host, start, settled } = flock()
    await host('one', [{ role: dispatcher }, { role: runner }])
    const end = await settled(start())
    const figures = figuresSchema.parse(figuresOf(end.journal))
    const { spent, messages, byPeer } = summarise(end.journal)
    expect(figures.coordination).toMatchObject({
      ...{ messages, perCall: messages / spent.calls, perTool: messages / spent.tools },
    })
    expect(figures.coordination.peerBytes).toBeGreaterThan(0)
    expect(figures.byModel).toEqual({
      offline: { calls: spent.calls, inputTokens: 0, outputTokens: 0, moneyNanoUsd: 0 },
    })
    expect(figures.byPeer).toMatchObject(byPeer)
    expect(figures.prompts.runner).toMatchObject({ calls: spent.calls, unit: 'bytes' })
  })

  it('of nothing is nothing', () => {
    expect(figuresSchema.parse(figuresOf([]))).toMatchObject({
      ...{ moneyNanoUsd: 0, byRole: {}, prompts: {} },
      coordination: { perCall: null, perTool: null, peerShare: null },
    })
  })
})
