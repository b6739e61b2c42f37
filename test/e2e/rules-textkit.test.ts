/** The example with a model made of rules, which were written from what a model is told and not from the roles. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/flock/run-report.ts'
import { SKEIN } from '../../traces/names.ts'
import { RULE_NAMES } from '../rules/model.ts'
import { type RulesEndpoint, startRules } from '../rules/server.ts'
import { applyPatch, openProject, type Project, reportOf, spansOf, testsIn } from './project.ts'
import type { Ended } from './skein-process.ts'

const RUN_MS = 240_000

let project: Project
let endpoint: RulesEndpoint
let end: Ended
let report: RunReport

beforeAll(async () => {
  project = await openProject()
  endpoint = await startRules()
  const workspace = await project.copyOf('textkit')
  end = await project.skein(
    ['run', 'Make the failing tests pass', '--workspace', workspace, '--model', 'rules', '--here', '--json'],
    { OPENAI_BASE_URL: endpoint.url, OPENAI_API_KEY: 'any' },
  ).ended
  report = reportOf(end)
}, RUN_MS)
afterAll(async () => {
  await project.close()
  await endpoint.close()
})

describe('the example with a model made of rules', () => {
  it('is completed, by a patch that passes all tests outside of skein', async () => {
    expect(end.code, end.stderr).toBe(0)
    expect(report).toMatchObject({ outcome: 'completed', model: 'rules' })
    const fresh = await project.copyOf('textkit', 'fresh')
    expect(await applyPatch(fresh, report.patch!)).toBe(0)
    expect(await testsIn(fresh)).toBe(0)
  })

  it('goes through every loop of correction: a plan, code that fails its tests, a review', async () => {
    // What only a feature needs is left to that job.
    const unused = RULE_NAMES.filter((name) => !endpoint.fired.has(name))
    expect(unused).toEqual([
      'planner: reads what a feature touches',
      'planner: talks around its plan',
      'researcher: reads the page that came out best',
      'coder: looks at what it is to change',
      'coder: reads the right file after a wrong path',
      'coder: runs all tests after a change',
      'coder: writes a first draft',
      'coder: mends what a test showed',
    ])
    const events = (await spansOf(report)).map(({ attributes }) => attributes[SKEIN.event])
    expect(events).toEqual(expect.arrayContaining(['question.ask', 'review.revise', 'review.approve']))
  })

  it('is paid for by what the endpoint counted', () => {
    const { input, output } = endpoint.used
    expect(report.spent).toMatchObject({
      calls: endpoint.requests.length,
      inputTokens: input,
      outputTokens: output,
    })
  })
})
