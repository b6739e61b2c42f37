/** Runs whose model is behind an endpoint: the same four roles, by chat completions over HTTP. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/flock/run-report.ts'
import { GEN_AI, GEN_AI_OPERATION, SKEIN } from '../../traces/names.ts'
import { type OpenaiStub, startOpenaiStub } from '../model/openai-stub.ts'
import { applyPatch, openProject, type Project, reportOf, spansOf, testsIn } from './project.ts'
import { ruleModel, USAGE } from './rule-model.ts'
import type { Ended } from './skein-process.ts'

const GOAL = 'Write what is missing'
const KEY = 'sk-only-for-this-test'
const RUN_MS = 120_000

let project: Project
let endpoint: OpenaiStub

beforeAll(async () => {
  project = await openProject()
  endpoint = await startOpenaiStub(ruleModel, { apiKey: KEY })
})
afterAll(async () => {
  await project.close()
  await endpoint.close()
})

const environment = (key: string, { url }: OpenaiStub = endpoint) => ({
  OPENAI_BASE_URL: url,
  OPENAI_API_KEY: key,
})
const asked = (workspace: string) => [
  ...['run', GOAL, '--workspace', workspace, '--model', 'ruler', '--json'],
  ...['--peers', 'researcher=1,coder=1'],
]

describe('a model behind an endpoint', () => {
  let end: Ended
  let report: RunReport

  beforeAll(async () => {
    const workspace = await project.copyOf('tiny')
    end = await project.skein(asked(workspace), environment(KEY)).ended
    report = reportOf(end)
  }, RUN_MS)

  it('drives the four roles to a finished job', async () => {
    expect(end.code).toBe(0)
    expect(report).toMatchObject({ outcome: 'completed', model: 'ruler' })
    const events = (await spansOf(report)).map(({ attributes }) => attributes[SKEIN.event])
    expect(events).toEqual(
      expect.arrayContaining(['run.goal', 'task.request', 'question.ask', 'review.request']),
    )
    const fresh = await project.copyOf('tiny', 'fresh')
    expect(await applyPatch(fresh, report.patch!)).toBe(0)
    expect(await testsIn(fresh)).toBe(0)
  })

  it('is counted: each call and its tokens, also of the reply that was of no use', async () => {
    const calls = endpoint.requests.length
    expect(report.spent).toMatchObject({
      calls,
      inputTokens: calls * USAGE.input,
      outputTokens: calls * USAGE.output,
    })
    const agents = (await spansOf(report)).filter(
      ({ attributes }) => attributes[GEN_AI.operationName] === GEN_AI_OPERATION.invokeAgent,
    )
    expect(sum(agents.map(({ attributes }) => attributes[GEN_AI.usageInputTokens]))).toBe(calls * USAGE.input)
    expect(sum(agents.map(({ attributes }) => attributes[GEN_AI.usageOutputTokens]))).toBe(
      calls * USAGE.output,
    )
  })

  it('streams, and is offered only the tools of its role', () => {
    expect(endpoint.requests.every(({ body }) => body.stream)).toBe(true)
    const offered = endpoint.requests.map(({ body }) => body.tools!.map((tool) => tool.function.name))
    expect(offered).toContainEqual(['search_documents', 'read_document'])
    const both = offered.filter((tools) => tools.includes('search_documents') && tools.includes('write_file'))
    expect(both).toEqual([])
  })

  it('keeps its key to itself: no log, record or trace has it', async () => {
    const files = await filesIn(project.stateDir)
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect((await readFile(file)).includes(KEY), file).toBe(false)
  })
})

describe('a key that is turned down', () => {
  it('is said before anything begins, with what to do and code 2', async () => {
    const before = endpoint.requests.length
    const { code, stdout, stderr } = await project.skein(
      asked(await project.copyOf('tiny', 'untouched')),
      environment('sk-wrong'),
    ).ended
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'model.unauthorized' } })
    expect(stderr).toContain('set OPENAI_API_KEY')
    expect(stderr).toContain('model.unauthorized')
    expect(stderr).not.toContain('sk-wrong')
    expect(endpoint.requests).toHaveLength(before)
  })

  it(
    'fails the run when that happens in the middle of it',
    async () => {
      const revoking = await startOpenaiStub(() => ({ status: 401, message: 'This key was revoked' }))
      try {
        const workspace = await project.copyOf('tiny', 'revoked')
        const end = await project.skein([...asked(workspace), '--here'], environment(KEY, revoking)).ended
        expect(end.code).toBe(4)
        expect(reportOf(end)).toMatchObject({ outcome: 'failed', patch: null })
        expect(reportOf(end).reason).toContain('set OPENAI_API_KEY')
      } finally {
        await revoking.close()
      }
    },
    RUN_MS,
  )
})

const sum = (numbers: readonly unknown[]) => numbers.reduce<number>((all, one) => all + Number(one), 0)

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
