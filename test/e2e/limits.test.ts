/** Runs that may only spend so much: how they end, what they spent, and what is refused before it begins. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/flock/run-report.ts'
import { type OpenaiStub, startOpenaiStub } from '../model/openai-stub.ts'
import { openProject, type Project, reportOf } from './project.ts'
import { ruleModel } from './rule-model.ts'

const RUN_MS = 120_000
const FLOCK = ['--here', '--peers', 'researcher=1,coder=1']
/** USD per million tokens. */
const PRICE = { input: 10, output: 20 }

let project: Project
let model: OpenaiStub
let workspace: string
beforeAll(async () => {
  project = await openProject()
  model = await startOpenaiStub(ruleModel)
  workspace = await project.copyOf('tiny')
  await writeFile(join(project.folder, 'skein.config.json'), JSON.stringify({ prices: { ruler: PRICE } }))
})
afterAll(async () => {
  await project.close()
  await model.close()
})

const run = (...args: readonly string[]) =>
  project.skein(['run', 'Make the failing tests pass', '-w', workspace, ...FLOCK, '--json', ...args], {
    OPENAI_BASE_URL: model.url,
  }).ended

async function exhausted(...args: readonly string[]): Promise<RunReport> {
  const ended = await run(...args)
  const report = reportOf(ended)
  expect({ code: ended.code, outcome: report.outcome }, report.reason ?? '').toEqual({
    code: 5,
    outcome: 'exhausted',
  })
  return report
}

describe('a run with a limit', () => {
  it(
    'of tokens ends exhausted when no call fits into what is left, and has spent no more',
    async () => {
      const limit = 15_000
      const before = model.requests.length
      const { spent, reason } = await exhausted('--model', 'ruler', '--max-tokens', String(limit))
      expect(reason).toMatch(/tokens of 15,000 tokens are left, and it may take [\d,]+ tokens at least/)
      expect(spent.inputTokens).toBeGreaterThan(0)
      expect(spent.inputTokens + spent.outputTokens).toBeLessThanOrEqual(limit)
      // What may be said in reply is bounded by what is left.
      const caps = model.requests.slice(before).map(({ body }) => body.max_tokens)
      for (const cap of caps) expect(cap).toBeLessThan(limit)
    },
    RUN_MS,
  )

  it(
    'of dollars counts by the prices of the config',
    async () => {
      const limit = 0.15
      const { figures, reason } = await exhausted('--model', 'ruler', '--max-cost', String(limit))
      expect(reason).toMatch(/\$0\.1\d+ of \$0\.15 are left, and it may take \$0\.\d+ at least/)
      expect(figures!.moneyNanoUsd).toBeGreaterThan(0)
      expect(figures!.moneyNanoUsd).toBeLessThanOrEqual(limit * 1e9)
    },
    RUN_MS,
  )

  it(
    'of messages ends exhausted, and says on which way they ran out',
    async () => {
      const { reason } = await exhausted('--model', 'offline', '--max-messages', '3')
      expect(reason).toMatch(/no messages are left, on the way origin → goal/)
    },
    RUN_MS,
  )

  it(
    'of hops ends exhausted, and says which way was too long',
    async () => {
      const { reason } = await exhausted('--model', 'offline', '--hops', '3')
      expect(reason).toMatch(/no hops are left, on the way origin → goal → \S+/)
    },
    RUN_MS,
  )
})

describe('a limit that cannot be kept', () => {
  it.each([['--max-tokens', '0', '--max-tokens must be a whole number, 1 or more']])(
    'is refused, as %s %s, with what to write instead',
    async (option, value, text) => {
      const { code, stdout, stderr } = await run(option, value)
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(text) })
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cli.limit' } })
    },
  )

  it('is refused in dollars where nobody knows the price of the model, and it is said where to put it', async () => {
    const before = model.requests.length
    const { code, stdout, stderr } = await run('--model', 'nobodys', '--max-cost', '1')
    expect(code).toBe(2)
    expect(stderr).toContain('the price of "nobodys", which nobody knows: add it to "prices" in the config')
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'flock.no-price' } })
    expect(model.requests).toHaveLength(before)
  })
})
