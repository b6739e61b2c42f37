/**
 * A feature, its tests and its documentation for a package of the npm registry, from its own sources and page, by the
 * four roles in processes of their own and a model made of rules: the job of `examples/forwarded`.
 */
import { cp, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/flock/run-report.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import { EXAMPLES, runExample } from '../examples/program.ts'
import { RULE_NAMES } from '../rules/model.ts'
import { type RulesEndpoint, startRules } from '../rules/server.ts'
import { applyPatch, openProject, type Project, reportOf, spansOf, testFile, testsIn } from './project.ts'
import type { Ended } from './skein-process.ts'

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@fastify/forwarded/package.json'))
const RUN_MS = 240_000

let project: Project
let endpoint: RulesEndpoint
let end: Ended
let report: RunReport
/** A copy of the package to which the patch was applied, by git. */
let patched: string

beforeAll(async () => {
  project = await openProject()
  endpoint = await startRules()
  const [workspace, fresh] = [await prepared('forwarded'), await prepared('fresh')]
  const goal = (await readFile(join(EXAMPLES, 'forwarded/goal.txt'), 'utf8')).trim()
  end = await project.skein(['run', goal, '--workspace', workspace, '--model', 'rules', '--json'], {
    OPENAI_BASE_URL: endpoint.url,
    OPENAI_API_KEY: 'any',
  }).ended
  report = reportOf(end)
  patched = fresh
  if (report.patch !== null) await applyPatch(patched, report.patch)
}, RUN_MS)
afterAll(async () => {
  await project.close()
  await endpoint.close()
})

async function prepared(name: string): Promise<string> {
  const { code, stderr } = await runExample('forwarded/prepare.js', [name], { cwd: project.folder })
  expect(code, stderr).toBe(0)
  return join(project.folder, name)
}

const textIn = (folder: string, file: string) => readFile(join(folder, file), 'utf8')

describe('a feature for a package of the registry', () => {
  it('is completed by four roles in processes of their own', async () => {
    expect(end.code, end.stderr).toBe(0)
    expect(report, end.stdout).toMatchObject({ outcome: 'completed', bus: 'embedded', model: 'rules' })
    const spans = (await spansOf(report)).filter(({ attributes }) => attributes[SKEIN.role] !== 'origin')
    const pids = new Map(
      spans.map(({ attributes, resource }) => [attributes[SKEIN.role], resource[RESOURCE.processPid]]),
    )
    expect([...pids.keys()]).toEqual(expect.arrayContaining(['planner', 'researcher', 'coder', 'reviewer']))
    expect(new Set(pids.values()).size).toBe(pids.size)
  })

  it('passes all tests outside of skein, of which the old ones are as they were', async () => {
    expect(await textIn(patched, 'test/test.js')).toBe(await textIn(PACKAGE, 'test/test.js'))
    expect(await textIn(patched, 'test/limit.test.js')).toContain('limit: 2')
    expect(await testsIn(patched)).toBe(0)
  })

  it('comes with tests that fail without it', async () => {
    await cp(patched, join(project.folder, 'without'), { recursive: true })
    const without = join(project.folder, 'without')
    await cp(join(PACKAGE, 'index.js'), join(without, 'index.js'))
    expect(await testFile(without, 'test/test.js')).toBe(0)
    expect(await testFile(without, 'test/limit.test.js')).not.toBe(0)
  })

  it('is documented, and declared for TypeScript', async () => {
    expect(await textIn(patched, 'README.md')).toContain('forwarded(req, { limit: 2 })')
    expect(await textIn(patched, 'types/index.d.ts')).toContain('limit?: number')
  })

  it('goes through every loop of correction: a wrong path, a draft, a verdict in prose, a review', () => {
    // What only code that is missing needs is left to that job.
    const unused = RULE_NAMES.filter((name) => !endpoint.fired.has(name))
    expect(unused).toEqual([
      'planner: reads what has to be written',
      'planner: forgets the criteria',
      // The plan that comes with talk around it is taken as it is.
      'planner: plans',
      'coder: reads the function and its tests',
      'coder: runs the tests of what it put in',
      'coder: tries code of the documents',
      'coder: asks for other code',
      'coder: writes it by itself',
      'coder: looks again at what came back',
      'coder: sees the mistake in what it took over',
      'coder: changes nothing, and says why',
    ])
  })
})
