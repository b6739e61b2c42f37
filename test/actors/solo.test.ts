import { describe, expect, it } from 'vitest'
import { soloMachine } from '../../actors/solo/machine.ts'
import { soloOffline } from '../../actors/solo/policy.ts'
import { checksOf, reportFor } from '../../actors/solo/result.ts'
import type { Solution } from '../../actors/solo/solution.ts'
import { type BlobHash, conversationId, runId } from '../../protocols/ids.ts'
import type { TranscriptEntry } from '../../src/model/model.ts'
import type { PolicyStep } from '../../src/model/offline.ts'
import type { AgentContext } from '../../src/role/agent-context.ts'
import { inputOf } from '../../src/turn/behaviour.ts'
import { createInterpreter, type MachineEvent } from '../../src/turn/interpreter.ts'

const BASE = 'a'.repeat(64) as BlobHash
const goal = { goal: 'make it work', base: BASE, rounds: 2 }

type Call = Extract<PolicyStep, { kind: 'call' }>
type Put = { readonly name: string; readonly code: string }

/** A workspace of functions: what stands there decides which tests fail. */
type Place = {
  readonly stubs: readonly { readonly name: string; readonly dependsOn?: readonly string[] }[]
  /** What the documents hold for a name, best match first. */
  readonly documents: Readonly<Record<string, readonly string[]>>
  /** Names of tests that fail with what stands there. Tests are named after the function they are of. */
  readonly failing: (code: ReadonlyMap<string, string>) => readonly string[]
  /** Whether a test that uses all functions passes; there is none without. */
  readonly whole?: (code: ReadonlyMap<string, string>) => boolean
  /** A tool that does not work. */
  readonly broken?: string
}

const STUB = 'stub'
const codeOf = (name: string, body: string) => `export const ${name} = () => ${body}`
const bodyOf = (code: string) => (/not implemented/.test(code) ? STUB : code.slice(code.indexOf('=> ') + 3))

/** Lets the policy work in the place until it ends. Answers its calls, in brief, what it ended with, and what stands. */
function work(place: Place, disturb: (transcript: TranscriptEntry[]) => void = () => {}) {
  const code = new Map(place.stubs.map(({ name }) => [name, STUB]))
  const transcript: TranscriptEntry[] = [{ kind: 'message', type: 'run.goal', from: 'origin', body: goal }]
  const calls: string[] = []
  const allTests = () => [
    ...place.stubs.flatMap(({ name }) => [`${name} works`, `${name} fits`]),
    ...(place.whole === undefined ? [] : ['whole works']),
  ]

  function outcomeOf({ tool, input }: Call): unknown {
    switch (tool) {
      case 'find_stubs':
        return {
          stubs: place.stubs.map(({ name, dependsOn = [] }, index) => ({
            ...{
              file: `src/${name}.js`,
              name,
              doc: `does ${name}`,
              signature: `export const ${name} = () =>`,
            },
            ...{ startLine: index + 1, endLine: index + 1 },
            dependsOn: dependsOn.map((other) => ({ file: `src/${other}.js`, name: other })),
          })),
        }
      case 'run_tests': {
        const { names } = input as { names: string[] | null }
        const wanted = names ?? allTests()
        const all = [...place.failing(code), ...(place.whole?.(code) === false ? ['whole works'] : [])]
        const failing = all.filter((test) => wanted.includes(test))
        const failed = failing.map((name) => {
          const [file] = name.split(' ')
          const line = place.stubs.findIndex((stub) => stub.name === file) + 1
          return { name, file: `test/${file}.js`, error: 'no', stack: `src/${file}.js:${line}` }
        })
        const passed = wanted.filter((test) => !failing.includes(test))
        return { ok: failed.length === 0, passed, failed, timedOut: false, output: '' }
      }
      case 'search_documents': {
        const [name] = (input as { query: string }).query.split(' ')
        const found = (place.documents[name!] ?? []).map((body) => ({ text: codeOf(name!, body) }))
        return { results: found.map((one) => ({ path: 'docs/a.md', heading: 'A', line: 1, code: [one] })) }
      }
      case 'replace_declaration': {
        const { name, code: put } = input as Put
        code.set(name, bodyOf(put))
        return { file: `src/${name}.js`, name, replaced: true, helpers: [] }
      }
      case 'trace_imports':
        return { uses: [{ file: 'test/whole.js', modules: place.stubs.map(({ name }) => `src/${name}.js`) }] }
      default:
        throw new Error(tool)
    }
  }

  for (;;) {
    const step = soloOffline({ role: 'solo', transcript } as never)
    if (step.kind !== 'call') return { calls, step, code: Object.fromEntries(code) }
    const { tool, input } = step
    const { name, code: put } = input as Put
    calls.push(tool === 'replace_declaration' ? `${name} = ${bodyOf(put)}` : tool)
    const id = `call-${calls.length}`
    transcript.push({ kind: 'reply', text: '', calls: [{ id, tool, input }] })
    if (tool === place.broken)
      transcript.push({ kind: 'error', call: id, tool, code: 'x', message: 'broken' })
    else transcript.push({ kind: 'result', call: id, tool, output: outcomeOf(step) })
    disturb(transcript)
  }
}

const solutionIn = (step: PolicyStep) => (step as { body: unknown }).body as Solution

/** Both tests of a function fail unless what stands there is good. */
const unless = (code: ReadonlyMap<string, string>, good: readonly string[]) =>
  [...code].flatMap(([name, body]) => (good.includes(body) ? [] : [`${name} works`, `${name} fits`]))
const unlessGood = (code: ReadonlyMap<string, string>) => unless(code, ['good'])

describe('the one agent that does everything', () => {
  const simple: Place = {
    stubs: [{ name: 'twice' }],
    documents: { twice: ['bad', 'good'] },
    failing: unlessGood,
  }

  it('plans, looks up, writes and tests, and judges, each as the agent that does it among peers', () => {
    const { calls, step, code } = work(simple)
    expect(calls).toEqual([
      ...['find_stubs', 'run_tests', 'search_documents', 'search_documents'],
      ...['twice = bad', 'run_tests', 'twice = good', 'run_tests', 'run_tests'],
    ])
    expect(solutionIn(step)).toMatchObject({
      approved: true,
      criteria: ['every test of the workspace passes'],
      pieces: [{ task: 'code-twice', done: true, sources: ['docs/a.md:1'] }],
      ...{ failing: [], refusals: [] },
    })
    expect(code).toEqual({ twice: 'good' })
  })

  it('goes on as it would have after what was wrong with a reply', () => {
    const slip = (transcript: TranscriptEntry[]) =>
      void transcript.push(
        { kind: 'reply', text: 'well', calls: [] },
        { kind: 'correction', text: 'call a tool' },
      )
    expect(work(simple, slip)).toEqual(work(simple))
  })

  it('writes what others need first', () => {
    const { calls } = work({
      stubs: [{ name: 'outer', dependsOn: ['inner'] }, { name: 'inner' }],
      documents: { outer: ['good'], inner: ['good'] },
      failing: unlessGood,
    })
    expect(calls.filter((call) => call.includes('='))).toEqual(['inner = good', 'outer = good'])
  })

  it('searches where the coder would ask the researcher', () => {
    const { calls, step } = work({
      ...simple,
      documents: { twice: ['bad', 'worse', 'wrong', 'good'] },
    })
    expect(calls.slice(-7)).toEqual([
      ...['twice = wrong', 'run_tests', 'search_documents', 'search_documents', 'twice = good'],
      ...['run_tests', 'run_tests'],
    ])
    expect(solutionIn(step).approved).toBe(true)
  })

  const pair: Place = {
    stubs: [{ name: 'left' }, { name: 'right' }],
    documents: { left: ['fair', 'good'], right: ['fair'] },
    failing: (code) => unless(code, ['fair', 'good']),
  }

  it('goes back to whatever may be wrong with the whole, and judges again', () => {
    const { step, code } = work({
      ...pair,
      whole: (stands) => stands.get('left') === 'good',
    })
    expect(code).toEqual({ left: 'good', right: 'fair' })
    const [refusal, ...more] = solutionIn(step).refusals
    expect(more).toEqual([])
    expect(refusal?.revisions.map(({ task }) => task)).toEqual(['code-left', 'code-right'])
    expect(refusal?.replies).toEqual([
      { task: 'code-left', summary: expect.stringContaining('left as it stands in docs/a.md:1') },
      { task: 'code-right', summary: expect.stringContaining('passes by now') },
    ])
    expect(solutionIn(step)).toMatchObject({ approved: true, failing: [] })
  })

  it('takes back what it tried and found no better, and goes back no more where nothing changed', () => {
    const { calls, step, code } = work({
      ...pair,
      documents: { left: ['fair'], right: ['fair', 'poor'] },
      whole: () => false,
    })
    expect(calls.filter((call) => call.includes('='))).toEqual([
      ...['left = fair', 'right = fair'], // and then, in the revision
      ...['right = poor', 'right = fair'],
    ])
    expect(code).toEqual({ left: 'fair', right: 'fair' })
    expect(solutionIn(step)).toMatchObject({ approved: false, failing: ['whole works'] })
    expect(solutionIn(step).refusals).toHaveLength(1)
  })

  it('puts the stub back where nothing that it found will do, and says so', () => {
    const { calls, step, code } = work({ ...simple, documents: { twice: ['bad', 'worse'] } })
    expect(code).toEqual({ twice: STUB })
    expect(calls.slice(-3)).toEqual([`twice = ${STUB}`, 'run_tests', 'trace_imports'])
    expect(solutionIn(step)).toMatchObject({
      approved: false,
      pieces: [
        { task: 'code-twice', done: false, summary: expect.stringContaining('none of the 2 candidates') },
      ],
    })
  })

  it('does nothing that needs what could not be done', () => {
    const { calls, step } = work({ ...simple, broken: 'search_documents' })
    expect(calls).toEqual(['find_stubs', 'run_tests', 'search_documents', 'run_tests', 'trace_imports'])
    const reason = '"research-twice", which this task needs, failed: search_documents failed: broken'
    expect(solutionIn(step).pieces).toMatchObject([{ done: false, summary: reason }])
  })
})

describe('the solution of one agent', () => {
  const tests = (...names: string[]) => ({ kind: 'tests' as const, names })
  const lint = { kind: 'command' as const, argv: ['npm', 'run', 'lint'] }
  const piece = (task: string, done: boolean, checks: Solution['pieces'][number]['checks']) => ({
    ...{ task, title: task, done, summary: `${task} it is`, sources: [], checks, openPoints: [] },
  })
  const solution: Solution = {
    ...{ approved: true, summary: 'all good', criteria: ['it works'], failing: [], openPoints: ['dates'] },
    pieces: [piece('a', true, [tests('x', 'y'), lint]), piece('b', true, [tests('y', 'z'), lint])],
    refusals: [
      {
        summary: 'z fails',
        revisions: [{ task: 'b', findings: [{ what: 'z', detail: 'no' }] }],
        replies: [{ task: 'b', summary: 'mended' }],
      },
    ],
  }
  const found = { tree: BASE, checks: [{ check: 'y', passed: true, detail: '' }], problem: { text: null } }

  it('is checked all at once, without what was not done', () => {
    expect(checksOf(solution)).toEqual([tests('x', 'y', 'z'), lint])
    const { pieces } = solution
    expect(checksOf({ ...solution, pieces: [pieces[0]!, { ...pieces[1]!, done: false }] })).toEqual([
      tests('x', 'y'),
      lint,
    ])
  })

  it('is reported as a review is', () => {
    expect(reportFor(goal, solution, found)).toMatchObject({
      ...{ outcome: 'completed', reason: 'all good', criteria: ['it works'], openPoints: ['dates'] },
      tasks: [
        { task: 'a', standing: { kind: 'done', peer: 'solo', result: { checks: found.checks } } },
        { task: 'b', standing: { kind: 'done' } },
      ],
      refusals: [{ round: 1, tree: null, summary: 'z fails', replies: [{ task: 'b', summary: 'mended' }] }],
    })
  })

  it('is not complete without a piece of it, whatever it says', () => {
    const pieces = [piece('a', false, [])]
    expect(reportFor(goal, { ...solution, pieces }, found)).toMatchObject({
      outcome: 'unsatisfied',
      reason: 'a: a it is; all good',
    })
  })

  it('that never came is exhausted where a limit was in the way', () => {
    const problem = { text: 'no tokens are left', kind: 'exhausted' as const }
    expect(reportFor(goal, null, { ...found, problem })).toMatchObject({
      ...{ outcome: 'exhausted', reason: 'no tokens are left', tasks: [] },
    })
  })
})

describe('the machine of one agent', () => {
  const { start, next } = createInterpreter(soloMachine)
  const run = runId('r1')
  const done = (id: string, output: unknown) => ({ type: `xstate.done.actor.${id}`, actorId: id, output })
  const ended = (answer: unknown) => ({ text: '', calls: [], answer, finish: 'stop', model: 'm' })
  const calling = { ...ended(undefined), calls: [{ id: 'c', tool: 'run_tests', input: { names: null } }] }
  const taken = (...events: readonly MachineEvent[]) => {
    const from = { role: 'origin', peer: 'origin-r1', conversation: conversationId(run, 'origin') }
    const first: MachineEvent[] = [{ type: 'run.goal', body: goal, from }, done('begin', { tree: BASE })]
    return [...first, ...events].reduce(
      ({ snapshot }, event) => next(snapshot, event),
      start(inputOf(conversationId(run, 'goal'))),
    )
  }
  const solution = {
    approved: true,
    summary: 'good',
    criteria: [],
    pieces: [],
    failing: [],
    refusals: [],
    openPoints: [],
  }
  const solved = done('chat', ended({ type: 'solution', body: solution }))
  const [tree, tool] = ['b'.repeat(64), done('tool', { output: {} })]
  const wrote = [done('chat', calling), done('tool', { output: {}, tree })]

  it('works longer than one of many does', () => {
    const hundred = Array.from({ length: 100 }, () => [done('chat', calling), tool]).flat()
    expect(taken(...hundred).snapshot.value).toBe('thinking')
  })

  it('goes on where its solution does not hold on the head, and is told why', () => {
    const checks = [{ check: 'x', passed: false, detail: 'is 2' }]
    const { snapshot } = taken(...wrote, solved, done('merge', { output: { kind: 'rejected', checks } }))
    expect(snapshot.value).toBe('thinking')
    expect((snapshot.context as AgentContext).transcript.at(-1)).toMatchObject({
      kind: 'correction',
      text: 'The solution is not taken: checks of the solution fail: x (is 2).',
    })
  })

  it('goes on where a person does not let its solution be merged, and is told why', () => {
    const error = { code: 'tool.denied', message: 'jo@desk denied it: too long' }
    const { snapshot } = taken(...wrote, solved, { type: 'xstate.error.actor.merge', error })
    expect(snapshot.value).toBe('thinking')
    expect((snapshot.context as AgentContext).transcript.at(-1)).toMatchObject({
      text: 'The solution is not taken: jo@desk denied it: too long.',
    })
  })

  it('answers with what there is where it gives up, and fails where there is nothing', () => {
    const gaveUp = {
      type: 'xstate.error.actor.chat',
      error: { code: 'quota.exhausted', message: 'no tokens' },
    }
    const hashes = { patch: tree, report: tree }
    expect(taken(...wrote, gaveUp, done('assemble', { output: hashes })).emitted).toMatchObject([
      { type: 'run.result', body: { outcome: 'exhausted', tree, ...hashes } },
    ])
    expect(taken(gaveUp).emitted).toMatchObject([{ type: 'failure', body: { kind: 'exhausted' } }])
  })
})
