/**
 * The planner without a model: a task for each stub, with the tests that fail because of it, and research before it.
 * It reads the outputs of its tools, never prose.
 */
import { z } from 'zod'
import type { TaskRequest } from '../../protocols/task.ts'
import type { OfflinePolicy, PolicyStep } from '../../src/model/offline.ts'
import { testReportSchema } from '../../src/tools/run-tests.ts'
import type { Plan, PlannedWork } from './plan.ts'

const stubsSchema = z.object({
  stubs: z.array(
    z.object({
      file: z.string(),
      name: z.string(),
      doc: z.string(),
      startLine: z.number(),
      endLine: z.number(),
      dependsOn: z.array(z.object({ file: z.string(), name: z.string() })),
    }),
  ),
})
type Stub = z.infer<typeof stubsSchema>['stubs'][number]
type Failure = z.infer<typeof testReportSchema>['failed'][number]

export const planOffline: OfflinePolicy = ({ transcript }) => {
  const failure = transcript.find((entry) => entry.kind === 'error')
  if (failure !== undefined) return giveUp(`${failure.tool} failed: ${failure.message}`)
  const output = (tool: string) =>
    transcript.findLast((entry) => entry.kind === 'result' && entry.tool === tool)
  const found = output('find_stubs')
  if (found === undefined) return { kind: 'call', tool: 'find_stubs', input: {} }
  const { stubs } = stubsSchema.parse((found as { output: unknown }).output)
  if (stubs.length === 0) {
    return giveUp(
      'the workspace has no stub (an exported function that throws "not implemented"), and offline that is all the planner can plan: set OPENAI_API_KEY to use a model',
    )
  }
  const ran = output('run_tests')
  if (ran === undefined) return { kind: 'call', tool: 'run_tests', input: { names: null } }
  return {
    kind: 'answer',
    type: 'plan',
    body: planFor(stubs, testReportSchema.parse((ran as { output: unknown }).output).failed),
  }
}

const giveUp = (reason: string): PolicyStep => ({ kind: 'give-up', reason })

/** The plan for stubs and the tests that fail today. */
function planFor(stubs: readonly Stub[], failed: readonly Failure[]): Plan {
  const names = namesFor(stubs)
  const tasks = stubs.flatMap((stub): PlannedWork[] => {
    const { file, name, doc } = stub
    const tests = failed.filter((failure) => culprit(failure, stubs) === stub).map((failure) => failure.name)
    const subject: TaskRequest['subject'] = { file, name, doc }
    const research = `research-${names.get(stub)}`
    return [
      {
        name: research,
        role: 'researcher',
        title: `find how ${name} can be written`,
        instructions: `Find code in the documents that exports "${name}", which is documented as: ${doc}`,
        subject,
        needs: [],
        checks: [],
        files: [],
      },
      {
        name: `code-${names.get(stub)}`,
        role: 'coder',
        title: `implement ${name} in ${file}`,
        instructions: `Implement "${name}" in ${file} so that it does what its documentation comment says and its tests pass.`,
        subject,
        needs: [
          research,
          ...stubs.filter((other) => dependsOn(stub, other)).map((other) => `code-${names.get(other)}`),
        ],
        checks: tests.length === 0 ? [] : [{ kind: 'tests', names: tests }],
        files: [file],
      },
    ]
  })
  return { tasks, criteria: ['every test of the workspace passes'] }
}

const dependsOn = (stub: Stub, other: Stub) =>
  stub.dependsOn.some(({ file, name }) => file === other.file && name === other.name)

/** The stub that a test fails on: the one whose lines the innermost frame of its stack lies in. */
function culprit({ stack }: Failure, stubs: readonly Stub[]): Stub | undefined {
  for (const [, file, line] of stack.matchAll(/([\w./@-]+\.[cm]?[jt]sx?):(\d+)(?::\d+)?/g)) {
    const stub = stubs.find(
      (candidate) =>
        candidate.file === file && candidate.startLine <= Number(line) && Number(line) <= candidate.endLine,
    )
    if (stub !== undefined) return stub
  }
  return undefined
}

/** A name for each stub that is safe in a task's: `word-frequencies`, with a number where two come out alike. */
function namesFor(stubs: readonly Stub[]): Map<Stub, string> {
  const names = new Map<Stub, string>()
  const taken = new Set<string>()
  for (const stub of stubs) {
    const words = stub.name
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
    const base = words.slice(0, 32) || 'stub'
    let name = base
    for (let number = 2; taken.has(name); number++) name = `${base}-${number}`
    taken.add(name)
    names.set(stub, name)
  }
  return names
}
