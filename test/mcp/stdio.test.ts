import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { mcpServer, mcpTools } from '../../src/mcp/mcp-tools.ts'
import { mcpContract } from '../contracts/mcp.ts'
import { ROOT } from '../house/sources.ts'
import { called } from './calling.ts'
import { program } from './workshop.ts'

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => isThere(pid)).toBe(false)
}

mcpContract('stdio', async () => {
  // A copy, so that it can be taken away.
  const folder = await mkdtemp(join(tmpdir(), 'skein-mcp-'))
  const script = join(folder, 'workshop.mjs')
  await copyFile(program.args[0], script)
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return {
    address: { command: process.execPath, args: [script, 'serve'] },
    transport: 'pipe',
    replace: end,
    async remove(pid) {
      await rm(script)
      await end(pid)
    },
    dispose: () => rm(folder, { recursive: true }),
  }
})

describe('an MCP server that is a program', () => {
  const server = mcpServer({ ...program, env: { SHOP: 'open' }, passEnv: ['SKEIN_TEST_OTHER'] })
  const call = async (name: string) =>
    called(await server.tools({ allow: ['whoAmI', 'die', 'dieAlways', 'environment'] }), name)
  const pid = async () => Number((await call('who_am_i')).text)

  afterAll(() => server.release())

  it('sees nothing of the environment but what is named', async () => {
    process.env.SKEIN_TEST_KEY = 'secret'
    process.env.SKEIN_TEST_OTHER = 'passed'
    onTestFinished(() => {
      delete process.env.SKEIN_TEST_KEY
      delete process.env.SKEIN_TEST_OTHER
    })
    const environment = JSON.parse((await call('environment')).text!)
    expect(environment).toMatchObject({ SHOP: 'open', SKEIN_TEST_OTHER: 'passed', PATH: process.env.PATH })
    expect(environment).not.toHaveProperty('SKEIN_TEST_KEY')
    expect(environment).not.toHaveProperty('HOME')
  })

  it('that ends during a call is asked once more for what may be done twice, and not for what may not', async () => {
    await expect(call('die_always')).rejects.toMatchObject({
      code: 'tool.mcp-lost',
      message: expect.stringContaining('ended twice'),
    })
    await expect(call('die')).rejects.toMatchObject({
      code: 'tool.mcp-lost',
      message: expect.stringContaining('may be done or not'),
    })
  })

  it('is one process for as long as it is used, and gone when its peers leave', async () => {
    const first = await pid()
    expect(await pid()).toBe(first)
    expect(isThere(first)).toBe(true)
    await server.release()
    expect(isThere(first)).toBe(false)
  })

  it('that cannot be started is told by the name of its command, and with what it said', async () => {
    const allow = ['echo']
    await expect(mcpTools({ server: { command: 'no-such-mcp-server' }, allow })).rejects.toMatchObject({
      code: 'mcp.unreachable',
      message: expect.stringMatching(/"no-such-mcp-server" cannot be reached: .*installed.*ENOENT/),
    })
    const server = { ...program, args: [program.args[0], 'complain'] }
    await expect(mcpTools({ server, allow })).rejects.toMatchObject({
      code: 'mcp.unreachable',
      message: expect.stringContaining('It said: no licence found'),
    })
  })
})
