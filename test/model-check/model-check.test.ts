/** The check of a model, with models that are made of rules. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ruleModel, USAGE } from '../e2e/rule-model.ts'
import { cleanEnvironment } from '../e2e/skein-process.ts'
import { type StubScript, startOpenaiStub } from '../model/openai-stub.ts'
import { ROOT } from '../root.ts'
import { aDirectory, never } from '../tools/workspace.ts'
import { createCorrections } from './corrections.ts'
import { JOBS } from './jobs.ts'
import { trialLines, trialRow } from './show.ts'
import { tryJob } from './trial.ts'

async function endpoint(script: StubScript) {
  const stub = await startOpenaiStub(script)
  onTestFinished(() => stub.close())
  return { ...cleanEnvironment(), OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: 'k', OPENAI_MODEL: 'ruler' }
}

async function checked(args: readonly string[], env: NodeJS.ProcessEnv) {
  const main = join(ROOT, 'dist/test/model-check/main.js')
  const cwd = await aDirectory()
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) =>
    execFile(process.execPath, [main, ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  )
}

describe('the check of a model', () => {
  it('says what to set where no model is, and ends with 2', async () => {
    const { code, stdout, stderr } = await checked(['--json'], cleanEnvironment())
    expect(code).toBe(2)
    for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL']) expect(stderr).toContain(name)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cli.no-model' } })
  })

  it('knows no other job than it names', async () => {
    const { code, stderr } = await checked(['--only', 'huge'], cleanEnvironment())
    expect([code, stderr]).toEqual([2, expect.stringContaining('there are tiny, slug, feature')])
  })

  it('says before it begins what it may use at most, and afterwards what happened', async () => {
    const { code, stdout, stderr } = await checked(['--only', 'tiny', '--json'], await endpoint(ruleModel))
    expect(stderr).toMatch(/1 job with "ruler" may use 150000 tokens at most/)
    const { mostTokens, trials } = JSON.parse(stdout)
    expect([code, mostTokens, trials.length]).toEqual([0, 150_000, 1])
    const [trial] = trials
    const calls = Object.values<number>(trial.steps).reduce((sum, some) => sum + some, 0)
    expect(trial).toMatchObject({
      ...{ job: 'tiny', ok: true, outcome: 'completed', tests: { passed: 2, failed: [] }, unwanted: [] },
      tokens: { input: calls * USAGE.input, output: calls * USAGE.output },
    })
    expect(trial.corrections.map(({ role }: { role: string }) => role)).toEqual(['planner', 'reviewer'])
  })
})

describe('a trial', () => {
  const job = (name: string) => JOBS.find((one) => one.name === name)!
  const tried = async (name: string, script: StubScript, more: object = {}) =>
    tryJob(
      { ...job(name), ...more },
      { folder: await aDirectory(), signal: never(), env: await endpoint(script) },
    )

  it('sees a feature through, with its tests and the README, and tells what went wrong on the way', async () => {
    const { featureModel } = await import('./feature-model.ts')
    const trial = await tried('feature', featureModel)
    expect(trial).toMatchObject({ ok: true, outcome: 'completed', unwanted: [] })
    expect(trial.corrections).toEqual([
      { role: 'coder', text: expect.stringContaining('may not change package.json') },
      { role: 'reviewer', text: expect.stringContaining('there is no task "whoever"') },
    ])
    expect(trialRow(trial)).toContain('14 of 14')
    expect(trialLines(trial).join('\n')).toContain('corrected: coder')
  })

  it('ends where its budget does', async () => {
    const trial = await tried('tiny', ruleModel, { tokens: 12_000 })
    expect(trial).toMatchObject({ ok: false, outcome: 'exhausted', tests: { passed: 0 } })
    expect(trial.tokens.input + trial.tokens.output).toBeLessThanOrEqual(12_000)
  })
})

describe('corrections', () => {
  it('count once, however often a commit repeats them', () => {
    const corrections = createCorrections()
    const commit = (steps: number, length: number) => {
      const transcript = Array.from({ length }, () => ({ kind: 'correction', text: 'no' }))
      const snapshot = { context: { steps, corrections: 1, transcript } }
      corrections.commit({ conversation: 'r1/review', role: 'reviewer', snapshot } as never)
    }
    for (const steps of [1, 1, 2]) commit(steps, steps * 2)
    expect(corrections.all()).toHaveLength(2)
  })
})
