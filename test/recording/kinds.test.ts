/** Runs of every kind, recorded and replayed where there is no model, no tool and no network any more. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { roleName } from '../../protocols/ids.ts'
import { question } from '../../protocols/question.ts'
import { readFiledJournal } from '../../src/flock/filed-journal.ts'
import type { Job } from '../../src/flock/job.ts'
import { readRecording } from '../../src/flock/recording-file.ts'
import { replayRun } from '../../src/flock/replay-run.ts'
import { type RunOptions, run } from '../../src/flock/run.ts'
import { checkHistory } from '../../src/history/check.ts'
import { mcpServers } from '../../src/mcp/named-servers.ts'
import { encodeRecording } from '../../src/recording/recording.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { readRole } from '../../src/role-file/read-role.ts'
import { NO_LIMITS } from '../../src/run/quota.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { type Placement, type TopologyName, topologyNamed } from '../../src/topology/topology.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { program } from '../mcp/workshop.ts'
import { type StubScript, startOpenaiStub } from '../model/openai-stub.ts'

const { ask, answer } = question.messages
const said = (text: string) => ({ answer: text, findings: [], sources: [] })
const why = { question: 'why?', subject: null, known: [] }

const look = defineTool({
  ...{ name: 'look', description: 'Looks.', input: z.object({ at: z.string() }) },
  output: z.object({ seen: z.string() }),
  async run({ at }) {
    if (at === 'sun') throw new Error('too bright')
    return { output: { seen: `a ${at}` } }
  },
})
const forever = defineTool({
  ...{ name: 'wait', description: 'Waits for ever.', input: z.object({}), output: z.object({}) },
  run: () => new Promise<never>(() => {}),
})

const expert = defineRole({
  ...{ name: 'expert', description: 'knows', instructions: 'Know.', accepts: [ask], answers: [answer] },
  policy: () => ({ kind: 'answer', type: 'question.answer', body: said('forty-two') }),
})

/** Looks twice, the second time in vain, asks an expert, and says what came of that. */
const desk = defineRole({
  ...{ name: 'desk', description: 'is asked', instructions: 'Ask.', accepts: [ask], answers: [answer] },
  asks: { expert: { message: ask, answers: [answer] } },
  tools: [look, forever],
  policy({ transcript }) {
    const calls = [
      { tool: 'look', input: { at: 'star' } },
      { tool: 'look', input: { at: 'sun' } },
      { tool: 'ask_expert', input: why },
    ]
    const call = calls[transcript.filter(({ kind }) => kind === 'reply').length]
    if (call !== undefined) return { kind: 'call', ...call }
    return { kind: 'answer', type: 'question.answer', body: said(JSON.stringify(transcript.at(-1))) }
  },
})
const waiter = { ...desk, policy: () => ({ kind: 'call', tool: 'wait', input: {} }) as const }

const asked = (roles: readonly Role[], more: Partial<Job> = {}): Job => ({
  goal: 'why?',
  roles: roles.map((role) => ({ role, count: 1 })),
  prepare: async () => ({
    start: { role: roles[0]!.name, message: ask, body: why, answers: [answer] },
  }),
  ...more,
})

/** Two of each, so that work goes by somebody else's hands. */
const wired = (name: TopologyName, placement: Placement, first = desk): Job => {
  const roles = [first, expert]
  return asked(roles, {
    roles: roles.map((role) => ({ role, count: 2 })),
    topology: topologyNamed(name, { placement, roles: roles.map((role) => role.name) }),
  })
}

/** What the environment says of an endpoint of that model. */
async function endpoint(script: StubScript) {
  const stub = await startOpenaiStub(script, { models: ['big', 'small'] })
  onTestFinished(() => stub.close())
  return { OPENAI_BASE_URL: stub.url, OPENAI_MODEL: 'big' }
}
const usage = { input: 10, output: 10 }
const replies: StubScript = () => ({ json: said('42'), usage })

/** A role in Markdown that calls a tool of an MCP server, asks an expert and answers. */
async function oracle() {
  const file = join(await temporaryFolder(), 'oracle.md')
  const keys = ['name: oracle', 'description: Knows', 'accepts: question.ask']
  const more = ['asks:', '  expert: question.ask', 'tools:', '  - mcp:shop/sum: { name: add }']
  await writeFile(file, ['---', ...keys, ...more, '---', 'Answer.', ''].join('\n'))
  const calls = [[{ name: 'add', arguments: { a: 1, b: 2 } }], [{ name: 'ask_expert', arguments: why }]]
  const env = await endpoint(({ messages, tools }) => {
    const next = tools && calls[messages.filter(({ role }) => role === 'assistant').length]
    return next ? { calls: next } : { json: said('42') }
  })
  return { job: asked([await readRole(file, { mcp: mcpServers({ shop: program }) }), expert]), env }
}

type Kind = Partial<RunOptions> & { readonly job?: Job }

/** Ends it as its agent waits for a tool. */
function stopped(): Kind {
  const stop = new AbortController()
  return {
    job: asked([waiter, expert]),
    signal: stop.signal,
    onCommit: ({ role, turn }) => role === 'desk' && turn === 2 && stop.abort(),
  }
}

it.each<[string, string, () => Kind | Promise<Kind>]>([
  ['on a ring, by auction', 'completed', () => ({ job: wired('ring', 'auction') })],
  ['on a tree, by the blackboard', 'completed', () => ({ job: wired('tree', 'blackboard') })],
  [
    'under a star',
    'completed',
    () => ({ job: wired('star', 'hub', { ...desk, name: roleName('supervisor') }) }),
  ],
  [
    'with peers who may not talk to each other',
    'completed',
    () => ({
      job: asked([desk, expert], {
        topology: {
          ...{ name: 'cut', wiring: 'peers', placement: 'anybody', roles: [] },
          overlay: { kind: 'edges', edges: [[desk.name, desk.name]], directed: false, relay: true },
        },
      }),
    }),
  ],
  ['that is not traced', 'completed', () => ({ env: { OTEL_TRACES_SAMPLER: 'always_off' } })],
  ['with too few messages', 'exhausted', () => ({ limits: { ...NO_LIMITS, messages: 2 } })],
  ['with too few hops', 'exhausted', () => ({ hops: 1 })],
  [
    'with too few tokens',
    'exhausted',
    async () => ({ env: await endpoint(replies), limits: { ...NO_LIMITS, tokens: 100 } }),
  ],
  [
    'that fell back on another model',
    'completed',
    async () => ({
      fallbacks: ['small'],
      env: await endpoint((request, call) =>
        request.model === 'big' ? { status: 404, message: 'gone' } : replies(request, call),
      ),
    }),
  ],
  [
    'that was turned away for its rate',
    'completed',
    async () => ({
      rates: { requestsPerMinute: 6000 },
      env: await endpoint((request, call) =>
        call === 1 ? { status: 429, headers: { 'retry-after-ms': '5' } } : replies(request, call),
      ),
    }),
  ],
  [
    'whose model says what nobody can use',
    'completed',
    async () => ({
      env: await endpoint((request, call) => (call < 3 ? { text: 'hello' } : replies(request, call))),
    }),
  ],
  ['where nobody is there to approve', 'completed', () => ({ approve: ['look'], noHuman: true })],
  ['that was cancelled in the middle of a call', 'cancelled', stopped],
  [
    'that was late, for want of somebody',
    'exhausted',
    () => ({
      timeoutMs: 50,
      job: asked([desk, expert], { roles: [desk, expert].map((role) => ({ role, count: 0 })) }),
    }),
  ],
  ['of a role in Markdown, with a tool of an MCP server', 'completed', oracle],
])('a replay of a run %s comes out as it did', async (_, outcome, kind) => {
  const { job = asked([desk, expert]), ...options } = await kind()
  const stateDir = await temporaryFolder()
  const [first, second] = ['first.jsonl', 'second.jsonl'].map((name) => join(stateDir, name)) as [
    string,
    string,
  ]
  const common = { stateDir, env: {}, inMemory: true }
  const report = await run(job, { ...common, ...options, record: { file: first } })
  expect(report.outcome, report.reason ?? '').toBe(outcome)
  const roles = job.roles.map(({ role }) => role)
  const recording = await readRecording(first)
  const { reason, messages, spent, answer } = report
  const again = await replayRun(recording, { roles, stateDir, record: { file: second } })
  expect(again).toMatchObject({ outcome, reason, messages, spent, answer })
  const { recordedAt } = recording.header
  const other = await readRecording(second)
  expect(encodeRecording({ ...other, header: { ...other.header, recordedAt } })).toBe(
    encodeRecording(recording),
  )
  const check = checkHistory((await readFiledJournal(stateDir, report.run))!, roles)
  expect(check).toMatchObject({ diverging: [], unchecked: [], same: check.turns })
})
