import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { actors, codingJob } from '../../actors/coding.ts'
import { conversationId } from '../../protocols/ids.ts'
import { assureRecordable, readRecording } from '../../src/flock/recording-file.ts'
import { replayRun } from '../../src/flock/replay-run.ts'
import { run } from '../../src/flock/run.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { decodeRecording, encodeRecording, type Recording } from '../../src/recording/recording.ts'
import type { Role } from '../../src/role/define.ts'
import type { ToolInput } from '../../src/role/setup.ts'

const workspace = new URL('../fixtures/workspaces/tiny', import.meta.url).pathname
const roles = Object.values(actors)

let folder: string
let report: RunReport
let recording: Recording
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-recording-'))
  const file = join(folder, 'run.jsonl')
  report = await run(codingJob({ goal: 'make the tests pass', workspace }), {
    stateDir: join(folder, 'state'),
    env: { ...process.env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' },
    inMemory: true,
    model: 'offline',
    record: { file },
  })
  recording = await readRecording(file)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a replay of a recorded run', () => {
  it('sends the same messages and comes to the same patch', async () => {
    expect(report).toMatchObject({ outcome: 'completed' })
    const again = await replayRun(recording, { roles, stateDir: folder })
    expect(again).toMatchObject({ outcome: 'completed', messages: report.messages })
    expect(await readFile(again.patch!, 'utf8')).toBe(await readFile(report.patch!, 'utf8'))
  })

  it('gives the same recording again, but for when it was written', async () => {
    const file = join(folder, 'again.jsonl')
    await replayRun(recording, { roles, stateDir: folder, record: { file } })
    const again = await readRecording(file)
    const { recordedAt } = recording.header
    const asThen = { ...again, header: { ...again.header, recordedAt, skein: recording.header.skein } }
    expect(encodeRecording(asThen)).toBe(encodeRecording(recording))
  })

  it('needs neither the workspace nor what the run left', async () => {
    const elsewhere = { ...recording, header: { ...recording.header, workspace: '/nowhere' } }
    const again = await replayRun(elsewhere, { roles, stateDir: join(folder, 'elsewhere') })
    expect(again).toMatchObject({ outcome: 'completed', workspace: '/nowhere' })
    expect(again.change).not.toBeNull()
  })
})

it('a replay takes a call that leaves out what may be null, as the run took it', async () => {
  /** As models write calls where nobody holds them to the schema. */
  const careless = (role: Role): Role => ({
    ...role,
    policy: (request) => {
      const step = role.policy!(request)
      if (step.kind !== 'call') return step
      const fields = Object.entries(step.input as object).filter(([, value]) => value !== null)
      return { ...step, input: Object.fromEntries(fields) }
    },
  })
  const job = codingJob({ goal: 'make the tests pass', workspace })
  const file = join(folder, 'careless.jsonl')
  const { outcome } = await run(
    { ...job, roles: job.roles.map(({ role, count }) => ({ role: careless(role), count })) },
    {
      stateDir: join(folder, 'careless'),
      env: { ...process.env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' },
      ...{ inMemory: true, model: 'offline', record: { file } },
    },
  )
  expect(outcome).toBe('completed')
  const again = await replayRun(await readRecording(file), { roles, stateDir: folder })
  expect(again).toMatchObject({ outcome: 'completed' })
}, 60_000)

describe('a replay names what is different', () => {
  const replayed = (changed: Recording, by: readonly Role[] = roles) =>
    replayRun(changed, { roles: by, stateDir: folder })
  const withRole = (name: string, change: (role: Role) => Role) =>
    roles.map((role) => (role.name === name ? change(role) : role))

  it('in the instructions of a role', async () => {
    const changed = withRole('coder', (role) => ({
      ...role,
      instructions: `${role.instructions}\nBe brief.`,
    }))
    await expect(replayed(recording, changed)).rejects.toMatchObject({
      code: 'recording.changed-instructions',
      message: expect.stringMatching(
        /^call [\d.]+ of coder in .*: not as it was recorded: the instructions of "coder"\n {2}\+ Be brief\./s,
      ),
    })
  })

  it('in the schema of a tool', async () => {
    const changed = withRole('researcher', (role) => ({
      ...role,
      tools: role.tools.map((tool) =>
        tool.name === 'search_documents' ? { ...tool, input: z.object({ words: z.string() }) } : tool,
      ),
    }))
    await expect(replayed(recording, changed)).rejects.toMatchObject({
      code: 'recording.changed-tools',
      message: expect.stringMatching(
        /of researcher in .* the tool "search_documents" of "researcher"\n.*\+ .*words/s,
      ),
    })
  })

  it('in the result of a tool, and in which entry of the transcript it stands', async () => {
    const turns = recording.turns.map((turn) => structuredClone(turn))
    const reads = turns.find(({ asked }) => asked?.kind === 'effect' && (asked.input as ToolInput).byModel)!
    const { input } = reads
    if (input.kind !== 'outcome' || !input.result.ok) throw new Error('it failed')
    input.result.output = { output: { text: 'something else' } }
    await expect(replayed({ ...recording, turns })).rejects.toMatchObject({
      code: 'recording.changed-transcript',
      message: expect.stringMatching(
        /entry \d+ of the transcript, the result of "\w+".*\+ .*something else/s,
      ),
    })
  })

  it('in what a machine says', async () => {
    const turns = recording.turns.map((turn) => structuredClone(turn))
    const [sent] = turns.flatMap(({ sent }) => sent).filter(({ type }) => type === 'task.request')
    sent!.body = { ...(sent!.body as object), title: 'another' }
    await expect(replayed({ ...recording, turns })).rejects.toMatchObject({
      code: 'recording.changed-message',
      message: expect.stringMatching(/of planner in .*"task.request" to .*- .*another/s),
    })
  })

  it('in what is called', async () => {
    const turns = recording.turns.map((turn) => structuredClone(turn))
    const call = turns.find(({ asked }) => asked?.kind === 'effect')!.asked as { input: ToolInput }
    call.input = { ...call.input, tool: 'another_tool' }
    await expect(replayed({ ...recording, turns })).rejects.toMatchObject({
      code: 'recording.changed-call',
      message: expect.stringContaining('another_tool'),
    })
  })

  it('where something was recorded that does not come, instead of waiting for it', async () => {
    const [first, ...others] = recording.turns
    const strange = { ...others[2]!, conversation: conversationId(recording.header.run, 'nobody'), id: '9.9' }
    await expect(replayed({ ...recording, turns: [first!, strange, ...others] })).rejects.toMatchObject({
      code: expect.stringMatching(/^recording\.(missing|changed-turn)$/),
    })
  })

  it('where a role is not there', async () => {
    const others = roles.filter(({ name }) => name !== 'reviewer')
    await expect(replayed(recording, others)).rejects.toMatchObject({
      code: 'recording.no-role',
      message: expect.stringContaining('"reviewer"'),
    })
  })
})

describe('a recording', () => {
  it('is for its owner only', async () => {
    const { mode } = await stat(join(folder, 'run.jsonl'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('takes nobody place, unless it is told to', async () => {
    const to = { file: join(folder, 'run.jsonl') }
    await expect(assureRecordable(to)).rejects.toMatchObject({ code: 'recording.exists' })
    await assureRecordable({ ...to, force: true })
    await expect(assureRecordable({ file: join(folder, 'no', 'where') })).rejects.toMatchObject({
      code: 'recording.folder',
    })
  })

  it.each([
    ['is cut off', (text: string) => text.slice(0, -100), /its end is missing|is no JSON/],
    [
      'is of another format',
      (text: string) => text.replace('"format":1', '"format":2'),
      /format 2.*format 1/,
    ],
    ['is something else', () => 'hello\n', /line 1 is no JSON/],
    ['is empty', () => '', /does not begin/],
    [
      'somebody has changed',
      (text: string) => text.replace(/("kind":"blob","hash":"\w+","text":")/, '$1x'),
      /line \d+: blob \w+ is not what it was/,
    ],
    [
      'has no trees',
      (text: string) => text.replaceAll(/^{"kind":"blob".*\n/gm, ''),
      /its tree \w+ is missing/,
    ],
  ])('that %s is refused', (_, spoil, why) => {
    expect(() => decodeRecording(spoil(encodeRecording(recording)))).toThrow(
      expect.objectContaining({ code: 'recording.invalid', message: expect.stringMatching(why) }),
    )
  })

  it('of a run that something from outside went into says that it cannot be replayed', async () => {
    const header = { ...recording.header, unreplayable: 'a message came from outside' }
    await expect(replayRun({ ...recording, header }, { roles, stateDir: folder })).rejects.toMatchObject({
      code: 'recording.unreplayable',
      message: expect.stringContaining('from outside'),
    })
  })
})
