/** A run among processes with a model behind an endpoint, recorded, and replayed where there is no endpoint any more. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRecording } from '../../src/flock/recording-file.ts'
import { type RunReport, runReportSchema } from '../../src/flock/run-report.ts'
import { encodeRecording } from '../../src/recording/recording.ts'
import { startOpenaiStub } from '../model/openai-stub.ts'
import { openProject, type Project, reportOf, spansOf } from './project.ts'
import { ruleModel } from './rule-model.ts'
import type { Ended } from './skein-process.ts'

const KEY = 'sk-only-for-this-test'
const RUN_MS = 120_000

let project: Project
let recorded: RunReport
let file: string

beforeAll(async () => {
  project = await openProject()
  file = join(project.folder, 'run.jsonl')
  const endpoint = await startOpenaiStub(ruleModel, { apiKey: KEY })
  const workspace = await project.copyOf('tiny')
  const asked = ['run', 'Write what is missing', '--workspace', workspace, '--model', 'ruler', '--json']
  const env = { OPENAI_BASE_URL: endpoint.url, OPENAI_API_KEY: KEY }
  const end = await project.skein([...asked, '--record', file], env).ended
  expect(end.code, end.stderr).toBe(0)
  recorded = reportOf(end)
  await endpoint.close()
  await rm(workspace, { recursive: true })
}, RUN_MS)
afterAll(() => project.close())

/** No server can be had, and there is neither a key nor an endpoint. */
const alone = { SKEIN_NATS_SERVER: '/nowhere/nats-server' }
const replayed = (...more: string[]): Promise<Ended> =>
  project.skein(['run', '--replay', file, ...more], alone).ended

describe('a recorded run of several processes', () => {
  it('is replayed without its endpoint, its workspace and a server, to the same patch', async () => {
    const end = await replayed('--json')
    expect(end.code, end.stderr).toBe(0)
    const report = runReportSchema.parse(JSON.parse(end.stdout))
    const { run, outcome, messages, spent } = recorded
    expect(report).toMatchObject({ run, outcome, messages, spent, bus: 'memory', model: 'ruler' })
    expect(await readFile(report.patch!, 'utf8')).toBe(await readFile(recorded.patch!, 'utf8'))
    const sent = async (from: RunReport) =>
      (await spansOf(from)).flatMap(({ kind, attributes }) =>
        kind === 'producer' ? [String(attributes['messaging.message.id'])] : [],
      )
    expect((await sent(recorded)).length).toBeGreaterThanOrEqual(recorded.messages)
    expect((await sent(report)).sort()).toEqual((await sent(recorded)).sort())
  })

  it('holds no key', async () => {
    expect(await readFile(file, 'utf8')).not.toContain(KEY)
  })

  it('says to people that it came out as it was recorded', async () => {
    const { code, stdout } = await replayed()
    expect(code).toBe(0)
    expect(stdout).toMatch(/completed.*\d+ turns and \d+ messages, as they were recorded/s)
  })

  it('ends with a code of its own where it comes out differently, and names what is different', async () => {
    const recording = await readRecording(file)
    const request = recording.turns.flatMap(({ sent }) => sent).find(({ type }) => type === 'task.request')!
    request.body = { ...(request.body as object), title: 'something else' }
    const changed = join(project.folder, 'changed.jsonl')
    await writeFile(changed, encodeRecording(recording))
    const end = await project.skein(['run', '--replay', changed], alone).ended
    expect(end.code).toBe(7)
    expect(end.stderr).toMatch(/of planner in .*"task.request".*something else.*recording\.changed-message/s)
  })

  it('takes nothing that is in the recording from the command line', async () => {
    const end = await replayed('--workspace', '.')
    expect(end.code).toBe(2)
    expect(end.stderr).toContain('--replay takes no --workspace')
  })

  it('is not written over', async () => {
    const asked = ['run', 'again', '--workspace', project.folder, '--model', 'offline', '--record', file]
    const end = await project.skein([...asked, '--json'], alone).ended
    expect(end.code).toBe(2)
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: 'recording.exists' } })
  })
})
