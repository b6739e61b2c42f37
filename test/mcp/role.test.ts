/** The public reference server of files, in the hands of a role whose policy is offline, in a real host. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { question } from '../../protocols/question.ts'
import type { Job } from '../../src/flock/job.ts'
import { run } from '../../src/flock/run.ts'
import { mcpServer } from '../../src/mcp/mcp-tools.ts'
import { mcpServers } from '../../src/mcp/named-servers.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { readTraceFile } from '../../traces/file.ts'
import { ROOT } from '../house/sources.ts'
import { called } from './calling.ts'

const SERVER = join(ROOT, 'node_modules', '.bin', 'mcp-server-filesystem')

/** Reads the file that it is asked for, whatever becomes of that, and answers what it learned. */
const readerWith = (tools: readonly Tool[]): Role =>
  defineRole({
    name: 'reader',
    description: 'reads files',
    instructions: 'Read the file.',
    accepts: [question.messages.ask],
    answers: [question.messages.answer],
    tools,
    policy: ({ transcript }) => {
      const [work] = transcript
      const path = (work as { body: { question: string } }).body.question
      const last = transcript.at(-1)!
      if (last.kind === 'result' || last.kind === 'error') {
        const answer =
          last.kind === 'error' ? `${last.code}: ${last.message}` : (last.output as { text: string }).text
        return { kind: 'answer', type: 'question.answer', body: { answer, findings: [], sources: [path] } }
      }
      return { kind: 'call', tool: 'read_text_file', input: { path } }
    },
  })

const asking = (role: Role, path: string): Job => ({
  goal: path,
  roles: [{ role, count: 1 }],
  prepare: async () => ({
    start: {
      role: role.name,
      message: question.messages.ask,
      body: { question: path, subject: null, known: [] },
      answers: [question.messages.answer],
    },
  }),
})

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a role with tools of the reference server of files', () => {
  let folder: string
  let tools: Tool[]
  let server: ReturnType<typeof mcpServer>

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-mcp-')))
    await mkdir(join(folder, 'open'))
    await writeFile(join(folder, 'open', 'a.md'), 'The lines run all night.')
    await writeFile(join(folder, 'closed.md'), 'secret')
    server = mcpServer({ command: SERVER, args: [join(folder, 'open')] })
    tools = await server.tools({ allow: ['read_text_file', 'write_file', 'move_file'] })
  })
  afterAll(async () => {
    await server.release()
    await rm(folder, { recursive: true })
  })

  const asked = (path: string) =>
    run(asking(readerWith(tools), path), {
      inMemory: true,
      stateDir: join(folder, '.skein'),
      model: 'offline',
    })

  it('answers with what it read, and its call stands in the trace as the conventions have it', async () => {
    const report = await asked(join(folder, 'open', 'a.md'))
    expect(report).toMatchObject({
      outcome: 'completed',
      answer: { body: { answer: 'The lines run all night.' } },
    })
    const { spans } = await readTraceFile(report.trace!)
    expect(spans.find(({ name }) => name === 'execute_tool read_text_file')?.attributes).toMatchObject({
      'mcp.method.name': 'tools/call',
      'network.transport': 'pipe',
    })
  })

  it('gets the error of a path that the server does not allow', async () => {
    const report = await asked(join(folder, 'closed.md'))
    expect(report.answer?.body).toMatchObject({
      answer: expect.stringMatching(/^tool\.mcp-error: "read_text_file" failed: .*Access denied/),
    })
  })

  it('is told by the server what may be done twice', () => {
    expect(tools.map(({ name, idempotent }) => [name, idempotent])).toEqual([
      ['read_text_file', true],
      ['write_file', true],
      ['move_file', false],
    ])
  })

  it('leaves no process of the server when its run is over', async () => {
    await called(tools, 'read_text_file', { path: join(folder, 'open', 'a.md') })
    const pid = server.pid()!
    expect(isThere(pid)).toBe(true)
    await asked(join(folder, 'open', 'a.md'))
    expect(isThere(pid)).toBe(false)
  })

  it('reads on when the server was killed in between', async () => {
    const path = join(folder, 'open', 'a.md')
    await called(tools, 'read_text_file', { path })
    process.kill(server.pid()!, 'SIGKILL')
    expect(await called(tools, 'read_text_file', { path })).toEqual({ text: 'The lines run all night.' })
  })
})

describe('MCP servers that a config names', () => {
  const servers = mcpServers({
    files: { command: SERVER, args: [ROOT], prefix: 'fs' },
    other: { command: 'nothing' },
  })

  it('give the tools that are referred to, in that order, and start no other server', async () => {
    const tools = await servers.tools(['mcp:files/write_file', 'mcp:files/read_text_file'])
    expect(tools.map(({ name }) => name)).toEqual(['fs_write_file', 'fs_read_text_file'])
    await tools[0]!.release!()
  })

  it('are told from those that nobody named', async () => {
    await expect(servers.tools(['mcp:mail/send'])).rejects.toMatchObject({
      code: 'mcp.no-server',
      message: expect.stringContaining('there are files, other'),
    })
    await expect(servers.tools(['mcp:files'])).rejects.toMatchObject({ code: 'mcp.reference' })
  })
})
