/** The example of a flock of one's own, as its page says to use it: against the build, by its program. */
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunReport, runReportSchema } from '../../src/flock/run-report.ts'
import { type Ended, startSkein } from '../e2e/skein-process.ts'
import { type StubMessage, type StubScript, startOpenaiStub } from '../model/openai-stub.ts'
import { EXAMPLES, runExample } from './program.ts'

const TWO_PARTS = 'How do I book a boat, and what does it cost a guest?'

let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-docs-')))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ask = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runExample('ask-the-docs/ask.js', args, { cwd: folder, env })

async function lastReport() {
  const runs = join(folder, '.skein', 'runs')
  const newest = (await readdir(runs)).sort().at(-1)!
  return runReportSchema.parse(JSON.parse(await readFile(join(runs, newest, 'run.json'), 'utf8')))
}

describe('without a model', () => {
  let end: Ended
  let report: RunReport
  beforeAll(async () => {
    end = await ask([TWO_PARTS])
    report = await lastReport()
  })

  it('answers each part of a question with a passage and its source, and says that no model was asked', () => {
    const { code, stdout } = end
    expect(stdout).toContain('Write your name, the boat and the time into the book')
    expect(stdout).toContain('Guests pay 8 an hour in any boat')
    expect(stdout).toContain('No language model was asked')
    expect(stdout).toContain('Sources: booking.md:3, fees.md:7')
    expect(code).toBe(0)
  })

  it('takes seven messages: the question, two look-ups and what was found, the passages, the answer', () => {
    const { peers, messages, spent } = report
    expect(peers.map(({ peer }) => peer)).toEqual(['clerk-1', 'editor-1', 'reader-1', 'reader-2'])
    expect({ messages, tools: spent.tools }).toEqual({ messages: 7, tools: 2 })
  })

  it('says what it found nothing about', async () => {
    const { code, stdout } = await ask(['zeppelin?'])
    expect(stdout).toContain('Not found: nothing about "zeppelin".')
    expect(stdout).toContain('Sources: none')
    expect(code).toBe(0)
  })

  it('reads another folder where one is given, and says where there is none', async () => {
    const there = await ask(['parked conversations', join(EXAMPLES, '..', 'docs')])
    expect(there.stdout).toContain('adr/0005-parked-conversations.md:1')
    const { code, stderr } = await ask(['anything', join(folder, 'nowhere')])
    expect(stderr).toContain('does not exist')
    expect(code).toBe(1)
  })

  it('wants a question', async () => {
    const { code, stderr } = await ask([])
    expect(stderr).toContain('usage: node ask.js')
    expect(code).toBe(2)
  })
})

describe('with its roles in another process', () => {
  it('lets the peers that are there do the work', async () => {
    const other = startSkein(['peer', join(EXAMPLES, 'ask-the-docs', 'flock.js')], { cwd: folder })
    try {
      await other.says(/"ready"/)
      const { stdout } = await ask([TWO_PARTS])
      expect(stdout).toContain('Sources: booking.md:3, fees.md:7')
      const pids = Object.fromEntries((await lastReport()).peers.map(({ peer, pid }) => [peer, pid]))
      expect(pids).toMatchObject({ 'clerk-1': other.pid, 'editor-1': other.pid, 'reader-1': other.pid })
      expect(pids['reader-2']).not.toBe(other.pid)
    } finally {
      await other.stop()
    }
  })
})

describe('with a model', () => {
  it('has the question split, the passages chosen and the answer written by it', async () => {
    const endpoint = await startOpenaiStub(model, { apiKey: 'sk-test' })
    try {
      const env = { OPENAI_BASE_URL: endpoint.url, OPENAI_API_KEY: 'sk-test', OPENAI_MODEL: 'stub-model' }
      const { stdout, stderr, code } = await ask(['Who mends boats?'], env)
      expect(stderr).toBe('')
      expect(stdout).toBe('Ines mends them.\n\nSources: damage.md:11\n')
      expect(code).toBe(0)
      const tools = endpoint.requests.map(({ body }) => body.tools?.map((tool) => tool.function.name) ?? [])
      expect(tools).toEqual([[], ['search_documents'], ['search_documents'], []])
    } finally {
      await endpoint.close()
    }
  })
})

describe('in a mesh for tests', () => {
  it('passes the tests that it brings', async () => {
    const { code, stdout } = await runExample('ask-the-docs/flock.test.js', [], { cwd: folder, env: {} })
    expect(stdout).toMatch(/pass 2\b/)
    expect(code).toBe(0)
  })
})

/** Knows who it is by its instructions, and no more of the documents than its tool said. */
const model: StubScript = ({ messages }) => {
  const [system] = messages as [StubMessage]
  const result = messages.find(({ role }) => role === 'tool')?.content
  if (system.content?.includes('Split the question')) return { json: { lookups: ['small repairs'] } }
  if (system.content?.includes('from the passages that were found')) {
    return { json: { answer: 'Ines mends them.', sources: ['damage.md:11'] } }
  }
  if (!result) return { calls: [{ name: 'search_documents', arguments: { query: 'repairs', limit: 1 } }] }
  const [{ path, line, heading, text }] = JSON.parse(result).results
  return { json: { about: 'small repairs', passages: [{ source: `${path}:${line}`, heading, text }] } }
}
