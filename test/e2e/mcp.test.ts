/** An assistant, as an MCP client of the SDK, has `skein mcp` do a whole job. */
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../root.ts'
import { applyPatch, openProject, type Project, testsIn } from './project.ts'
import { gone, processesOf } from './project-processes.ts'
import { cleanEnvironment, lives, MAIN } from './skein-process.ts'

const RUN_MS = 120_000

describe('a program that loads a role with tools of an MCP server', () => {
  it('ends by itself, and the server with it', async () => {
    const program = `
      import { mcpServer } from 'skein'
      const server = mcpServer(${JSON.stringify({ command: join(ROOT, 'node_modules/.bin/mcp-server-filesystem'), args: [ROOT] })})
      const [tool] = await server.tools({ allow: ['read_text_file'] })
      console.log(tool.name, server.pid())`
    const given = ['--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, given, { cwd: ROOT, timeout: 20_000 })
    const [name, pid] = stdout.trim().split(' ')
    expect(name).toBe('read_text_file')
    await gone([Number(pid)])
  })
})

describe('skein mcp', () => {
  let project: Project
  let client: Client
  let transport: StdioClientTransport

  /** A server of its own, and its client. */
  async function connect(): Promise<void> {
    transport = new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp', '--root', 'tiny', '--model', 'offline'],
      cwd: project.folder,
      env: cleanEnvironment(),
      stderr: 'pipe',
    })
    client = new Client({ name: 'assistant', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(transport)
    // Whatever is on standard output that is not the protocol; what is told of a call that was given up is.
    client.onerror = ({ message }) => {
      if (!message.includes('progress notification for an unknown token')) noise.push(message)
    }
  }
  const noise: string[] = []

  beforeAll(async () => {
    project = await openProject()
    await project.copyOf('tiny')
    await connect()
  })
  afterAll(async () => {
    await client?.close()
    await project?.close()
    expect(noise).toEqual([])
  })

  const call = (name: string, given: Record<string, unknown> = {}, more: object = {}) =>
    client.callTool({ name, arguments: given }, { timeout: RUN_MS, ...more })
  const textOf = ({ content }: Awaited<ReturnType<typeof call>>) =>
    content.map((one) => (one as { text: string }).text).join()

  it('offers its tools, with schemas of what goes in and what comes out', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['run', 'status', 'result', 'trace', 'cancel'])
    for (const { outputSchema } of tools) expect(outputSchema).toMatchObject({ type: 'object' })
    expect(tools[0]!.inputSchema).toMatchObject({ required: expect.arrayContaining(['goal', 'workspace']) })
  })

  it('says what is wrong by code, and goes on', async () => {
    const goal = 'Write what is missing'
    for (const workspace of ['..', '/', '../../..'])
      expect(await call('run', { goal, workspace })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^cli\.outside: .*--root/) }],
      })
    for (const [name, given, code] of [
      ['run', { goal, workspace: 'nowhere' }, 'cli.workspace'],
      ['run', { goal, workspace: '.', timeout: 'soon' }, 'cli.duration'],
      ['result', { run: 'that one' }, 'cli.run'],
      ['trace', { run: 'r-0000000a-0000' }, 'flock.no-run'],
    ] as const) {
      const answer = await call(name, given)
      expect(answer.isError, name).toBe(true)
      expect(textOf(answer)).toMatch(new RegExp(`^${code}: `))
    }
    expect(await call('status')).toMatchObject({ structuredContent: { runs: [] } })
  })

  it('has a run approved what the config wants approved', async () => {
    const config = join(project.folder, 'skein.config.json')
    await writeFile(config, JSON.stringify({ approve: ['no_such_tool'] }))
    await client.close()
    await connect()
    const answer = await call('run', { goal: 'Write what is missing', workspace: '.' })
    expect(textOf(answer)).toMatch(/^flock\.no-tool: .*"no_such_tool" to approve/)
    await rm(config)
    await client.close()
    await connect()
  })

  it(
    'starts a run, tells how it goes on, and leaves it to its peers when its client is gone',
    async () => {
      const enough = new AbortController()
      const heard: string[] = []
      const onprogress = ({ message = '' }) => {
        heard.push(message)
        if (message.startsWith('planner-1: ')) enough.abort(new Error('enough'))
      }
      const given = {
        goal: 'Write what is missing',
        workspace: '.',
        peers: 'researcher=1,coder=1',
        waitMs: RUN_MS,
      }
      await expect(call('run', given, { onprogress, signal: enough.signal })).rejects.toThrow('enough')
      const run = /^(r-\S+) has begun$/m.exec(heard.join('\n'))![1]!
      expect((await call('status', { run })).structuredContent).toMatchObject({ runs: [{ run }] })
      const pid = transport.pid!
      const { peers, server } = await processesOf(project)
      await client.close()
      await expect.poll(() => lives(pid)).toBe(false)
      await project.skein(['wait', run, '--quiet']).ended
      await gone([...peers, server])

      await connect()
      expect((await call('status')).structuredContent).toMatchObject({
        runs: [{ run, state: 'over', outcome: 'completed', endedAt: expect.any(String) }],
      })
      const whole = await call('result', { run })
      expect(whole.structuredContent).toMatchObject({
        run,
        outcome: 'completed',
        patch: { truncated: false, text: expect.stringMatching(/^diff --git/) },
      })
      const result = await call('result', { run, maxBytes: 60 })
      expect(result.structuredContent).toMatchObject({ patch: { truncated: true } })
      const { path } = (result.structuredContent as { patch: { path: string } }).patch
      expect(textOf(result)).toContain(path)
      const copy = await project.copyOf('tiny', 'patched')
      expect(await applyPatch(copy, path)).toBe(0)
      expect(await testsIn(copy)).toBe(0)
      for (const [view, says] of [
        ['waterfall', 'invoke_agent coder'],
        ['critical-path', '%'],
        ['sequence', 'sequenceDiagram'],
        ['diagnose', run],
      ] as const)
        expect(textOf(await call('trace', { run, view })), view).toContain(says)
      expect(await call('cancel', { run })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^cli\.over: /) }],
      })
    },
    RUN_MS,
  )
})
