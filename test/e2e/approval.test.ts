/** A run that waits for a person, in processes of its own: one that waits is killed, and somebody approves elsewhere. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSettings } from '../../cli/input/settings.ts'
import { statusTool } from '../../cli/mcp/status.ts'
import { openProject, type Project, reportOf, spansOf } from './project.ts'

let project: Project
beforeAll(async () => {
  project = await openProject()
  await project.copyOf('tiny')
})
afterAll(() => project.close())

const ENV = { SKEIN_ADOPTION: '3s' }
const skein = (...args: readonly string[]) => project.skein(args, ENV).ended
const json = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse((await skein(...args, '--json')).stdout)

/** As an assistant asks for it, over MCP. */
const statusOf = async (run: string) => {
  const settings = await readSettings({ stateDir: join(project.folder, '.skein') })
  const desk = {
    settings,
    model: undefined,
    root: project.folder,
    say: () => {},
    leaving: new AbortController().signal,
  }
  return statusTool.answer({ run }, desk, { signal: desk.leaving, tell: () => {} })
}

type Listed = { readonly id: string; readonly tool: string; readonly decision: unknown }

it('goes on where its approval finds nobody: whoever adopts the agent runs the tool, once', async () => {
  const flags = ['-w', 'tiny', '--peers', 'researcher=1,coder=1', '--approve', 'merge_work']
  const run = project.skein(['run', 'Write what is missing', ...flags], ENV)
  const [, id = '', wait = ''] = await run.says(/waits for you: skein waiting (r-\S+) (\w+) \(merge_work/)
  expect(await json('waiting', id)).toMatchObject([{ id: wait, tool: 'merge_work', role: 'coder' }])
  const seen = (await skein('waiting', id, wait)).stdout
  expect(seen).toMatch(/merges work into the head of the run: 1 file, \+\d+ −1$/m)
  expect(seen).toMatch(/^ {2}-.*not implemented.*\n {2}\+.*padStart|^ {2}\+.*padStart/m)
  expect(seen).toContain(`skein approve ${id} ${wait}`)

  const toType = `1 call of ${id} waits for a person: skein waiting ${id}`
  const runs = (await skein('runs')).stdout
  expect(runs).toContain('open, 1 for you')
  for (const text of [runs, (await skein('ps')).stdout]) expect(text).toContain(toType)
  expect(await skein('result', id)).toMatchObject({ code: 2, stderr: expect.stringContaining(toType) })
  expect(await statusOf(id)).toMatchObject({
    structured: {
      runs: [{ waiting: [{ id: wait, tool: 'merge_work', about: expect.stringMatching(/^merges work/) }] }],
    },
    text: expect.stringContaining(`They type: skein waiting ${id} ${wait}`),
  })

  const peers = (await json('ps')) as { readonly role: string; readonly pid?: number }[]
  expect(peers).toContainEqual({ run: id, waiting: 1, state: 'undecided' })
  process.kill(peers.find(({ role }) => role === 'coder')!.pid!, 'SIGKILL')
  expect((await json('waiting', id)) as Listed[]).toHaveLength(1)
  expect(await skein('approve', id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`There are ${wait} (merge_work)`),
  })
  const approved = await skein('approve', id, wait.slice(0, 4), '--as', 'jo@desk', '--note', 'go on')
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining(`approved  ${wait}`) })
  expect(await skein('deny', id, wait)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`"${wait}" is decided already: jo@desk approved it: go on at 20`),
  })
  expect(await json('waiting')).toEqual([])

  const heir = project.skein(['peer', 'coder'], ENV)
  expect((await run.ended).code).toBe(0)
  await heir.stop()
  const report = reportOf(await skein('result', id, '--json'))
  expect(report).toMatchObject({ outcome: 'completed', partial: false })
  const spans = await spansOf(report)
  const [asked, ...others] = spans.filter(({ name }) => name === 'ask_person merge_work')
  expect(others).toEqual([])
  expect(asked!.attributes).toMatchObject({ 'skein.person.by': 'jo@desk', 'skein.attempt': 2 })
  expect(spans.filter(({ name }) => name === 'execute_tool merge_work')).toHaveLength(1)
}, 120_000)
