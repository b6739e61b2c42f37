/** `skein diagnose` as people use it: what it prints, and what it ends with. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOtlp } from '../../traces/otlp.ts'
import { openProject, type Project } from '../e2e/project.ts'
import { script } from '../traces/diagnose/script.ts'
import { sampleRun } from '../traces/sample-run.ts'

/** Somebody looks again and again. */
function looping() {
  const play = script()
  const planner = play.opens(play.goal)
  for (let time = 0; time < 4; time++) planner.tool('look', { in: 'a', out: 'x' })
  return play
}

/** And nobody takes a task besides. */
function broken() {
  const play = looping()
  play.opens(play.goal).send('task.request', { to: ['coder', 'code'], awaits: true })
  play.pause(60_000)
  play.over('exhausted')
  return play
}

let project: Project
beforeAll(async () => {
  project = await openProject()
  const files = { good: sampleRun(), looping: looping().spans(), broken: broken().spans() }
  for (const [name, spans] of Object.entries(files))
    await writeFile(join(project.folder, `${name}.json`), JSON.stringify(toOtlp(spans)))
})
afterAll(() => project.close())

const diagnose = (...args: string[]) => project.skein(['diagnose', ...args]).ended

describe('skein diagnose', () => {
  it.each([
    [0, 'nothing is found', ['--file', 'good.json', '--strict']],
    [0, 'there are only warnings', ['--file', 'looping.json']],
    [7, 'there are warnings and they count', ['--file', 'looping.json', '--strict']],
    [7, 'there are errors', ['--file', 'broken.json']],
    [2, 'there is no such file', ['--file', 'nowhere.json']],
  ])('ends with %d where %s', async (code, _, args) => {
    expect((await diagnose(...args)).code).toBe(code)
  })

  it('prints findings with their spans, and where to see them', async () => {
    const { stdout } = await diagnose('--file', 'broken.json')
    expect(stdout).toContain('✗ unclaimed-task')
    expect(stdout).toContain('! repeated-steps  FM-1.3 step repetition')
    expect(stdout).toContain('→ skein trace --file "broken.json" --all')
  })

  it('prints one object with --json', async () => {
    const { stdout } = await diagnose('--file', 'broken.json', '--json')
    const { run, outcome, findings } = JSON.parse(stdout) as { findings: unknown[] } & Record<string, unknown>
    expect([run, outcome]).toEqual(['made-up', 'exhausted'])
    expect(findings).toMatchObject([
      { code: 'unclaimed-task', severity: 'error', mast: null },
      { code: 'repeated-steps', severity: 'warning', mast: { mode: 'FM-1.3' }, spanCount: 4 },
    ])
  })
})
