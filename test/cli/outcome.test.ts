import { describe, expect, it } from 'vitest'
import type { LinkedReport } from '../../cli/input/jaeger.ts'
import { dollars } from '../../cli/show/figures.ts'
import { showOutcome } from '../../cli/show/outcome.ts'
import type { Screen } from '../../cli/show/terminal.ts'
import type { Figures } from '../../src/run/figures.ts'
import { aReport } from './reports.ts'

const spending = { calls: 2, inputTokens: 4_000, outputTokens: 100, tools: 3, moneyNanoUsd: 12_345_678 }
const prompts = { calls: 2, unit: 'tokens', median: 1_500, max: 2_500 } as const
const figures: Figures = {
  ...{ moneyNanoUsd: 24_691_356, unpriced: [], untold: 0 },
  byPeer: { 'planner-1': spending, 'coder-1': spending },
  byRole: { origin: { ...spending, calls: 0, tools: 0 }, planner: spending, coder: spending },
  byModel: {},
  prompts: { planner: prompts, coder: prompts },
  coordination: {
    ...{ messages: 6, perCall: 1.5, perTool: 1, promptBytes: 30_000, peerBytes: 10_000 },
    ...{ peerShare: 1 / 3, peerTokens: 2_667 },
  },
}

async function shown(told: Figures | undefined, report: Partial<LinkedReport> = {}): Promise<string[]> {
  const lines: string[] = []
  const screen = {
    ...{ paint: (_: unknown, text: string) => text, width: () => 100, height: () => 24 },
    line: (text: string) => void lines.push(text),
  } as unknown as Screen
  await showOutcome({ ...aReport({ figures: told }), ...report }, screen)
  return lines
}

describe('the outcome of a run', () => {
  it('tells the money, a row for each role that worked, and how much was talk', async () => {
    expect(await shown(figures)).toMatchInlineSnapshot(`
      [
        "",
        "completed",
        "",
        "  cost     8,000 tokens in, 200 out (gpt-5-mini) · 4 calls · 6 tools · 6 messages · 1.00 s",
        "  money    $0.0247",
        "  peers    coder-1",
        "  talk     1.50 messages a model call · 1.00 messages a tool call · 33% of prompts is what other agents wrote, 2,667 tokens",
        "",
        "  role     calls  tools  tokens in  out  money    prompt (median, largest)",
        "  planner  2      3      4,000      100  $0.0123  1,500, 2,500 tokens",
        "  coder    2      3      4,000      100  $0.0123  1,500, 2,500 tokens",
      ]
    `)
  })

  it('says that nothing was changed, where there was something to change', async () => {
    const line = '  patch    none: no file was changed'
    expect(await shown(figures, { workspace: '/somewhere' })).toContain(line)
    expect(await shown(figures)).not.toContain(line)
  })

  it('is short where one role worked, and where a report is from before there were figures', async () => {
    const solo = await shown({ ...figures, byRole: { solo: spending } })
    expect(solo.some((line) => line.includes('money    $0.0247'))).toBe(true)
    expect(solo.join('\n')).not.toContain('largest')
    expect((await shown(undefined)).at(-1)).toContain('peers')
  })

  it('names the models whose price nobody knows, and says what to do', async () => {
    const unknown = { ...figures, moneyNanoUsd: null, unpriced: ['qwen3'] }
    expect((await shown(unknown)).join('\n')).toContain(
      'unknown: no price for "qwen3", add it to "prices" in the config',
    )
  })

  it('says that there is more than it knows of', async () => {
    const lines = (await shown({ ...figures, untold: 2 })).join('\n')
    expect(lines).toContain('and what 2 calls cost')
    expect(lines).toContain('200 out, and what 2 calls used that told none (gpt-5-mini)')
    const spent = { calls: 4, inputTokens: 0, outputTokens: 0, tools: 6 }
    const all = (await shown({ ...figures, untold: 4 }, { spent })).join('\n')
    expect(all).toContain('tokens unknown: the endpoint told none (gpt-5-mini)')
    expect((await shown(figures, { spent })).join('\n')).toContain('no tokens (gpt-5-mini)')
  })

  it('names the page of its trace beside the trace', async () => {
    const jaeger = 'http://127.0.0.1:16686/trace/abc'
    const lines = await shown(undefined, { trace: 'trace.jsonl', jaeger })
    const trace = lines.findIndex((line) => line.startsWith('  trace '))
    expect(lines[trace + 1]).toBe(`  jaeger   ${jaeger}`)
  })

  it('says nothing of money where nobody is paid', async () => {
    const lines = await shown({ ...figures, moneyNanoUsd: 0 })
    expect(lines.filter((line) => line.startsWith('  money'))).toEqual([])
  })
})

it.each([
  [0, '$0'],
  [1, '<$0.0001'],
  [12_345_678, '$0.0123'],
  [1_234_567_890, '$1.23'],
])('%d nano-dollars are %s', (nano, text) => {
  expect(dollars(nano)).toBe(text)
})
