/** `skein replay` as people use it, on a run of the coding job. */
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codingJob } from '../../actors/coding.ts'
import type { RunId } from '../../protocols/ids.ts'
import { run } from '../../src/flock/run.ts'
import { openProject, type Project } from '../e2e/project.ts'
import { cleanEnvironment } from '../e2e/skein-process.ts'
import { ROOT } from '../root.ts'

let project: Project
let id: RunId
beforeAll(async () => {
  project = await openProject()
  const workspace = await project.copyOf('tiny')
  const { stateDir } = project
  const job = codingJob({ goal: 'make it work', workspace })
  id = (await run(job, { stateDir, env: cleanEnvironment(), inMemory: true, model: 'offline' })).run
}, 60_000)
afterAll(() => project.close())

const replay = (...args: string[]) => project.skein(['replay', id, ...args]).ended

type Line = {
  readonly number: number
  readonly conversation: string
  readonly peer: string
  readonly role: string
  readonly turn: number
  readonly took: { readonly kind: string }
  readonly check: { readonly kind: string } | null
  readonly whole?: object | null
}
const linesOf = (stdout: string) => {
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  return { steps: lines.slice(0, -1), sum: lines.at(-1) as unknown as Record<string, unknown> }
}

describe('skein replay', () => {
  it('goes through a run that is over, without a server or a pause in a pipe, and finds all as recorded', async () => {
    const { code, stdout, stderr } = await replay('--step')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^run r-\S+ · completed · make it work$/m)
    expect(stdout).toMatch(/^#1 origin turn 1 · origin-r-/m)
    expect(stdout).toMatch(/^ {4}took +run\.goal from origin$/m)
    expect(stdout).toMatch(/^ {4}started +run_tests$/m)
    expect(stdout).toMatch(/^\d+ turns in \d+ conversations, all as recorded$/m)
  })

  it('prints an object a line, of one peer, until a step', async () => {
    const all = linesOf((await replay('--json')).stdout)
    expect(all.steps.every(({ check, took }) => check?.kind === 'same' && took.kind !== 'unknown')).toBe(true)
    expect(all.sum).toMatchObject({
      state: 'over',
      outcome: 'completed',
      same: all.steps.length,
      diverging: [],
    })
    const coder = all.steps.filter(({ role }) => role === 'coder')
    const [, , third] = coder
    const until = `${third!.conversation}:${third!.turn}`
    const some = linesOf(
      (await replay('--json', '--peer', third!.peer, '--until', until, '--context')).stdout,
    )
    expect(some.steps.map(({ number }) => number)).toEqual(
      coder
        .filter(({ peer, number }) => peer === third!.peer && number <= third!.number)
        .map(({ number }) => number),
    )
    expect(some.steps.at(-1)?.whole).toHaveProperty('transcript')
  })

  it.each([
    ['--until', 'now', '"now" is no step'],
    ['--until', 'origin:99', 'has no turn 99'],
    ['--peer', 'nobody-1', 'there are the conversations'],
  ])('does not know %s %s', async (option, value, said) => {
    const { code, stderr } = await replay(option, value)
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })

  it('ends with 7 where a machine was changed, and says where it differs first', async () => {
    const [module, config] = ['coder.mjs', 'changed.json'].map((name) => join(project.folder, name))
    const catalogue = pathToFileURL(join(ROOT, 'dist/actors/catalogue.js')).href
    await writeFile(
      module!,
      `import { loadActors } from '${catalogue}'
       const [coder] = await loadActors(['coder'])
       export const impure = { ...coder, machine: coder.machine.provide({ actions: { hear: () => {} } }) }`,
    )
    await writeFile(config!, JSON.stringify({ roles: [module] }))
    // The newest run, where none is named.
    const { code, stdout } = await project.skein(['replay', '--check', '--config', config!]).ended
    expect(code).toBe(7)
    expect(stdout).toMatch(/^ {4}code-\S+ \(coder\) differs first in turn 1, #\d+/m)
    expect(stdout).toMatch(/^ {4}✗ state: recorded gathering, now failed$/m)
    expect(stdout).not.toContain('(reviewer)')
  })

  it('keeps the journal for its owner, as long as the files of the run', async () => {
    const file = join(project.stateDir, 'runs', id, 'journal.jsonl.br')
    expect((await stat(file)).mode & 0o077).toBe(0)
    await rm(file)
    const { code, stderr } = await replay()
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no journal of a run')])
  })
})
